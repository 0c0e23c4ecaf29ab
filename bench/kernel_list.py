"""Writes which kernels a build compiles, and for which types, in the order in which it calls them:
`worlds/kernels.txt`, by which a first build has them compiled ahead. To be run when kernels have
changed much; what the list lacks is compiled later.

    python -m bench.kernel_list
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from mc_city.build.build import build
from mc_city.settings.config import DEFAULT_CONFIG, read_config
from worlds.ahead import LIST, list_line
from worlds.kernels import KernelFiles


class Heard:
    """Remembers what is asked of the files of kernels."""

    def __init__(self) -> None:
        self.lines: dict[str, None] = {}

    def install(self) -> None:
        real = KernelFiles.load_overload

        def asked(files: KernelFiles, sig: Any, target_context: Any) -> Any:
            module, _, name = files.name.rpartition(".")
            self.lines[list_line(module, name, sig)] = None
            return real(files, sig, target_context)

        KernelFiles.load_overload = asked  # type: ignore[method-assign]


def main() -> None:
    heard = Heard()
    heard.install()
    with tempfile.TemporaryDirectory() as name:
        config = read_config(DEFAULT_CONFIG).with_world(editions=("java", "bedrock"))
        build(config, Path(name) / "out", 1, False, lambda *_: None)
    LIST.write_text("".join(f"{line}\n" for line in heard.lines), "ascii")
    print(f"{len(heard.lines)} kernels in {LIST}")


if __name__ == "__main__":
    main()
