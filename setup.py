"""What pyproject.toml cannot say: the files that stand at the top of a checkout for its users go
into the wheel, inside the package `worlds` (see worlds/shipped.py)."""

from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

SHIPPED = ("configs", "data")
LEFT_OUT = (".py", ".pyc")
"""The scripts that made the sample."""


class BuildWithFiles(build_py):
    def _shipped(self) -> list[tuple[str, str]]:
        target = Path(self.build_lib, "worlds", "shipped_files")
        return [
            (str(path), str(target / path))
            for name in SHIPPED
            for path in sorted(Path(name).rglob("*"))
            if path.is_file() and path.suffix not in LEFT_OUT
        ]

    def run(self) -> None:
        super().run()
        if not self.editable_mode:
            for source, target in self._shipped():
                self.mkpath(str(Path(target).parent))
                self.copy_file(source, target)

    def get_outputs(self, include_bytecode: bool = True) -> list[str]:
        inside = [] if self.editable_mode else [target for _, target in self._shipped()]
        return [*super().get_outputs(include_bytecode), *inside]


setup(cmdclass={"build_py": BuildWithFiles})
