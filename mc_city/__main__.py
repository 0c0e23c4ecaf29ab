"""`mc-city` and `python -m mc_city`."""

import sys

from mc_city.shadowed import ShadowedError, require_own_packages


def main() -> None:
    """The command line, unless its packages are hidden by others."""
    try:
        require_own_packages()
    except ShadowedError as error:
        print(f"error: {error}\nhint: {error.hint}", file=sys.stderr)
        sys.exit(1)
    from mc_city.cli import main as run

    run()


if __name__ == "__main__":
    main()
