"""Servers on loopback in the place of the services, and no waiting."""

from __future__ import annotations

from collections.abc import Iterator

import keyring
import pytest
import stamina
from keyring.backend import KeyringBackend
from keyring.errors import PasswordDeleteError

from mc_city.fetch.client import CONTACT, MIRRORS
from mc_city.fetch.credentials import LANTMATERIET
from tests.fetch.answerer import Answerer, answering
from tests.fetch.nginx import Nginx, serving


class MemoryKeyring(KeyringBackend):
    priority = 1

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.held.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.held[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        if self.held.pop((service, username), None) is None:
            raise PasswordDeleteError(username)


@pytest.fixture(autouse=True)
def ring(monkeypatch: pytest.MonkeyPatch) -> Iterator[MemoryKeyring]:
    """No waiting, three tries, no proxy, no login, and a keyring that forgets."""
    for name in (*LANTMATERIET.variables, MIRRORS, CONTACT, "HTTP_PROXY", "HTTPS_PROXY",
                 "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    before, ours = keyring.get_keyring(), MemoryKeyring()
    keyring.set_keyring(ours)
    with stamina.set_testing(True, attempts=3, cap=True):
        yield ours
    keyring.set_keyring(before)


@pytest.fixture
def answerer() -> Iterator[Answerer]:
    with answering() as one:
        yield one


@pytest.fixture(scope="session")
def nginx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Nginx]:
    with serving(tmp_path_factory.mktemp("nginx")) as one:
        yield one


@pytest.fixture
def mirrored(monkeypatch: pytest.MonkeyPatch):
    """Puts servers in the place of services: host → address."""

    def mirror(hosts: dict[str, str]) -> None:
        monkeypatch.setenv(MIRRORS, " ".join(f"{host}={url}" for host, url in hosts.items()))

    return mirror
