"""The tiny city, built once for each way that the tests ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.kills.city import built, computed_once, tiny_config


@pytest.fixture(scope="module", autouse=True)
def _computed() -> Iterator[None]:
    with computed_once():
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, bool], Path]:
    """A folder with a build of the tiny city in `out`, by its editions, with plans or without; its
    sources lie beside it."""

    @cache
    def folder(editions: str, plans: bool) -> Path:
        root = tmp_path_factory.mktemp(f"{editions}{plans}")
        built(tiny_config(root.with_name(f"{root.name}-city"), plans, editions), root / "out")
        return root

    return folder
