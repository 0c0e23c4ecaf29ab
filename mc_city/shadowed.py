"""The program's packages beside `mc_city` have common names. Where another distribution of one of
these names is found first, nothing works and the fault looks like a bug: so it is said."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

PACKAGES = ("terrain", "buildings", "worlds")


class ShadowedError(ImportError):
    """Another package stands where one of the program's own should; `hint` says what to do."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


def require_own_packages() -> None:
    """ShadowedError unless each of them lies beside `mc_city`, in one folder."""
    home = Path(__file__).resolve().parent.parent
    for name in PACKAGES:
        spec = find_spec(name)
        places = list(spec.submodule_search_locations or [spec.origin or "?"]) if spec else []
        if not any(Path(place).resolve() == home / name for place in places[:1]):
            found = places[0] if places else "nothing"
            raise ShadowedError(
                f"the package {name} of mc-city is hidden: Python finds {found}",
                hint="install mc-city into an environment of its own, and run it in a folder that "
                f"holds no {name}.py or {name}/",
            )
