"""`python -m mc_city`."""

from mc_city.cli import main

if __name__ == "__main__":
    main()
