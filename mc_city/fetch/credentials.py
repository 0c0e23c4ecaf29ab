"""Accounts of services: from the environment or the system's keyring, into no file and no message.

A login goes to the hosts of its account and nowhere else, also when one of them sends elsewhere.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from dataclasses import dataclass, field

from worlds.errors import ConfigError

SERVICE = "mc-city"
USER, SECRET = "user", "secret"
"""Entries of an account in a keyring: not every keyring finds a user by the service alone."""


@dataclass(frozen=True)
class Account:
    """Where an account is used, and how one gets it. hosts: which get its login."""

    name: str
    title: str
    hosts: tuple[str, ...]
    page: str
    variables: tuple[str, str]


LANTMATERIET = Account(
    "lantmateriet",
    "Lantmäteriet, Geotorget",
    ("dl1.lantmateriet.se", "api.lantmateriet.se"),
    "https://geotorget.lantmateriet.se",
    ("MC_CITY_LANTMATERIET_USER", "MC_CITY_LANTMATERIET_PASSWORD"),
)
LANTMATERIET_KEYS = Account(
    "lantmateriet-keys",
    "Lantmäteriet, API-portalen",
    ("api.lantmateriet.se", "apimanager.lantmateriet.se"),
    "https://apimanager.lantmateriet.se",
    ("MC_CITY_LANTMATERIET_KEY", "MC_CITY_LANTMATERIET_SECRET"),
)
"""Of an application: a consumer key with its secret, for which tokens are given."""
ACCOUNTS: Mapping[str, Account] = {
    account.name: account for account in (LANTMATERIET, LANTMATERIET_KEYS)
}


@dataclass(frozen=True)
class Login:
    """A user with a secret, or a token that was given for them; none shows in a text of it."""

    account: Account
    user: str = field(repr=False)
    secret: str = field(repr=False)
    token: str = field(default="", repr=False)

    @property
    def header(self) -> str:
        if self.token:
            return f"Bearer {self.token}"
        token = base64.b64encode(f"{self.user}:{self.secret}".encode()).decode()
        return f"Basic {token}"

    def cleaned(self, text: str) -> str:
        """A text without what is secret here, should a service have repeated it."""
        for word in (self.header.partition(" ")[2], self.secret):
            text = text.replace(word, "…")
        return text


def account_of(name: str) -> Account:
    """ConfigError for a name that no account has."""
    if name not in ACCOUNTS:
        raise ConfigError(
            f"no account is called {name!r}", hint=f"known: {', '.join(sorted(ACCOUNTS))}"
        )
    return ACCOUNTS[name]


def find_login(account: Account) -> Login | None:
    """The login of an account: that of the environment, else that of the system's keyring."""
    user, secret = (os.environ.get(name, "") for name in account.variables)
    if user and secret:
        return Login(account, user, secret)
    if user or secret:
        missing = account.variables[0 if secret else 1]
        raise ConfigError(
            f"of the login to {account.title} only a half is in the environment",
            hint=f"set {missing} too, or neither",
        )
    user, secret = (_kept(account, entry) for entry in (USER, SECRET))
    return Login(account, user, secret) if user and secret else None


def _kept(account: Account, entry: str) -> str:
    import keyring
    from keyring.errors import KeyringError

    try:
        return keyring.get_password(f"{SERVICE} {account.name}", entry) or ""
    except KeyringError:
        return ""


def require_login(account: Account) -> Login:
    """ConfigError where there is none, with how to get one."""
    login = find_login(account)
    if login is None:
        raise ConfigError(
            f"{account.title} wants a login",
            hint=f"get a free account at {account.page}, then `mc-city login {account.name}`, or "
            f"set {' and '.join(account.variables)}",
        )
    return login


def require_keyring(account: Account) -> None:
    """ConfigError where this machine has none, before a secret is asked for."""
    import keyring
    from keyring.backends.fail import Keyring

    if isinstance(keyring.get_keyring(), Keyring):
        raise _no_keyring(account)


def _no_keyring(account: Account) -> ConfigError:
    return ConfigError(
        "this machine has no keyring that could keep a secret",
        hint=f"set {' and '.join(account.variables)} in the environment instead",
    )


def keep_login(account: Account, user: str, secret: str) -> None:
    """Into the system's keyring. ConfigError where this machine has none."""
    import keyring
    from keyring.errors import KeyringError

    try:
        for entry, value in ((USER, user), (SECRET, secret)):
            keyring.set_password(f"{SERVICE} {account.name}", entry, value)
    except KeyringError as error:
        raise _no_keyring(account) from error


def forget_login(account: Account) -> bool:
    """Out of the keyring; whether there was one."""
    import keyring
    from keyring.errors import KeyringError

    there = any(_kept(account, entry) for entry in (USER, SECRET))
    try:
        for entry in (USER, SECRET) if there else ():
            keyring.delete_password(f"{SERVICE} {account.name}", entry)
    except KeyringError as error:
        raise ConfigError(
            "the keyring does not let go of it", hint="delete it in the system's own program"
        ) from error
    return there
