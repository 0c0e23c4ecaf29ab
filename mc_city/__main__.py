"""`mc-city` and `python -m mc_city`."""

import gc
import sys

from mc_city.shadowed import ShadowedError, require_own_packages

SPARING = (50_000, 20, 20)
"""Python looks for cycles among its objects after so many new ones, not after 700: a city is
hundreds of thousands of them that stay, which were looked through again and again."""


def main() -> None:
    """The command line, unless its packages are hidden by others."""
    try:
        require_own_packages()
    except ShadowedError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)
        sys.exit(1)
    gc.set_threshold(*SPARING)
    from mc_city.cli import main as run

    run()


if __name__ == "__main__":
    main()
