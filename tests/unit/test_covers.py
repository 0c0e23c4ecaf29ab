"""The table of covers: the lists that are derived from it agree with each other."""

from __future__ import annotations

import tomllib
from pathlib import Path

import numpy as np

from terrain.ground.covers import (
    COVER,
    COVERS,
    NATURAL,
    ROAD_COVERS,
    STREET_COVERS,
    TABLE,
    WALKED_COVERS,
    codes_of,
    mask_of,
    names_of,
)

STYLES = Path(__file__).parents[2] / "configs" / "styles.toml"


def test_a_code_is_the_place_in_the_table_and_no_name_comes_twice() -> None:
    assert len(COVER) == len(TABLE)
    assert [COVERS[COVER[cover.name]] for cover in TABLE] == [cover.name for cover in TABLE]
    assert COVER["grass"] == 0, "what is not laid is grass"


def test_what_is_laid_is_not_natural() -> None:
    for cover in TABLE:
        assert not (cover.natural and (cover.walked or cover.bed or cover.walled)), cover.name
        assert not (cover.forest and not cover.natural), cover.name
        assert not (cover.walled and not cover.walked), f"{cover.name} ends as a quay does"
        assert not (cover.bed and (cover.walked or cover.green)), cover.name
        assert not (cover.road and cover.beside), cover.name


def test_lists_hold_each_other() -> None:
    assert set(ROAD_COVERS) < set(STREET_COVERS) < set(WALKED_COVERS)
    assert set(WALKED_COVERS) - set(STREET_COVERS) == {"square", "quay"}
    assert not set(NATURAL) & set(WALKED_COVERS)
    assert set(names_of(lambda cover: cover.on_foot)) <= set(ROAD_COVERS)


def test_codes_and_masks_say_the_same() -> None:
    mask = mask_of(ROAD_COVERS)
    assert np.array_equal(np.flatnonzero(mask), np.sort(codes_of(ROAD_COVERS)))
    assert mask.shape == (len(TABLE),)


def test_every_cover_has_its_blocks() -> None:
    assert set(tomllib.loads(STYLES.read_text("utf-8"))["ground"]) == set(COVERS)
