"""Names that can be files and folders on every system: Windows is the strictest, and worlds
travel."""

from __future__ import annotations

from worlds.quoting import FORMATTING, is_noise

FORBIDDEN = '<>:"/\\|?*'
DEVICES = frozenset(
    [
        "con",
        "prn",
        "aux",
        "nul",
        "conin$",
        "conout$",
        "clock$",
        *(f"{port}{number}" for port in ("com", "lpt") for number in "0123456789¹²³"),
    ]
)
"""What Windows takes for a device, with any ending: NUL.zip is one too."""
MOST_CHARACTERS, MOST_BYTES = 60, 180
"""Leaves room for the endings of archives and of unfinished files: file systems end at 255
bytes."""


MOST_LOOKED_AT = 10_000
"""Characters of what could be a name; somebody else's may have millions."""


def is_device(name: str) -> bool:
    """Whether Windows takes a name for a device, whatever its ending."""
    return name.split(".")[0].rstrip(" ").lower() in DEVICES


def fault_of_name(name: str) -> str | None:
    """Why a text cannot be the name of a file or folder everywhere, as the end of a sentence that
    begins with the name; None when it can."""
    if len(name) > MOST_LOOKED_AT:
        return (
            f"is too long: {len(name)} characters, {MOST_CHARACTERS} are possible (fewer where "
            f"a letter takes several bytes)"
        )
    if not name.strip():
        return "is empty"
    if not name.strip(". "):
        return "is nothing but dots, and dots name folders that are there already"
    seen = sorted({character for character in name if character in FORBIDDEN}, key=name.index)
    if seen:
        return f"holds {' '.join(seen)}, which no file on Windows may have in its name"
    if FORMATTING in name:
        return f"holds {FORMATTING}, with which the game begins its codes for colours"
    if any(is_noise(character) for character in name):
        return "holds a line break or another character that cannot be seen"
    if name != name.strip():
        return "begins or ends with a space, which Windows cuts off"
    if name.endswith("."):
        return "ends with a dot, which Windows cuts off"
    if name.startswith("."):
        return "begins with a dot, so that its folder would be hidden"
    if is_device(name):
        return "is the name of a device on Windows, where no folder can be called so"
    if len(name) > MOST_CHARACTERS or len(name.encode("utf-8", "replace")) > MOST_BYTES:
        return (
            f"is too long: {len(name)} characters, {MOST_CHARACTERS} are possible (fewer where "
            f"a letter takes several bytes)"
        )
    return None


def near_name(name: str, otherwise: str = "City") -> str:
    """The nearest text that can be a name of a file: `name` itself when it can; `otherwise` where
    nothing of it is left."""
    name = name[:MOST_LOOKED_AT]
    kept = "".join(
        "_" if character in FORBIDDEN else " " if is_noise(character) else character
        for character in name
    )
    kept = " ".join(kept.split())[:MOST_CHARACTERS]
    kept = kept.encode("utf-8", "ignore")[:MOST_BYTES].decode("utf-8", "ignore").strip(". ")
    if is_device(kept):
        first, dot, rest = kept.partition(".")
        kept = f"{first.rstrip()}_{dot}{rest}"[:MOST_CHARACTERS]
    return kept if kept and fault_of_name(kept) is None else otherwise
