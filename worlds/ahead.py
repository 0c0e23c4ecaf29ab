"""Kernels that a first build will need, compiled beside it by other processes, from the last to the
first: where they meet, the build finds them in their files (`kernels.py`).

Which they are stands in a list that `python -m bench.kernel_list` writes. What is missing there, or
has changed since, is compiled when it is called, as everything was before.
"""

from __future__ import annotations

import base64
import os
import pickle
import subprocess
import sys
import threading
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from worlds.kernels import PROGRAM, Kernel

LIST = Path(__file__).with_name("kernels.txt")
MOST = 3
"""Processes beside a first build, at most."""


def read_list(without: Sequence[str] = ()) -> list[tuple[str, str, bytes]]:
    """(module, name, pickled types of arguments) of each kernel in the order in which a build calls
    them. without: packages of which none are wanted."""
    lines = LIST.read_text("ascii").splitlines() if LIST.exists() else []
    found = []
    for line in lines:
        module, name, types = line.split(" ")
        if not module.startswith(tuple(without)):
            found.append((module, name, zlib.decompress(base64.b64decode(types))))
    return found


def list_line(module: str, name: str, types: Any) -> str:
    """A line of the list. types: of the arguments, as numba has them."""
    packed = zlib.compress(pickle.dumps(types, protocol=4), 9)
    return f"{module} {name} {base64.b64encode(packed).decode('ascii')}"


def kernel_named(module: str, name: str) -> Any:
    """The kernel, or None where the program has none of that name any more."""
    found = getattr(import_module(module), name, None)
    return found if isinstance(found, Kernel) else None


def compile_listed(part: int, parts: int, without: Sequence[str]) -> None:
    """Compiles every so many-th kernel of the list, the last first."""
    for module, name, types in read_list(without)[::-1][part::parts]:
        # A list that is older than the program names types that are no more, or that a kernel is
        # no longer called with: it costs nothing but the time.
        with suppress(Exception):
            kernel = kernel_named(module, name)
            if kernel is not None:
                # Of the program's own list, which is code as much as this line.
                kernel.dispatcher.compile(pickle.loads(types))


def _start(parts: int, without: Sequence[str]) -> list[subprocess.Popen[bytes]]:
    """A process for each part of the list. They end when their input does, so with this one."""
    command = [sys.executable, "-m", "worlds.ahead"]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(PROGRAM), *sys.path])}
    running: list[subprocess.Popen[bytes]] = []
    for part in range(parts):
        # Without a helper it takes longer, and nothing else.
        with suppress(OSError):
            running.append(
                subprocess.Popen(
                    [*command, str(part), str(parts), *without],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env=environment,
                )
            )
    return running


@contextmanager
def compiled_ahead(without: Sequence[str] = ()) -> Iterator[None]:
    """Has the listed kernels compiled by processes of their own meanwhile; they end with this one,
    however it does."""
    running = _start(min((os.cpu_count() or 1) - 1, MOST), without)
    try:
        yield
    finally:
        for process in running:
            process.terminate()
            process.communicate()


def _end_with_parent() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


def main() -> None:
    """Without arguments: compiles all that is listed, on all processors. With a part and the number
    of parts: that part, as long as the input is open."""
    if len(sys.argv) == 1:
        for process in _start(os.cpu_count() or 1, ()):
            process.wait()
        return
    threading.Thread(target=_end_with_parent, daemon=True).start()
    part, parts, *without = sys.argv[1:]
    compile_listed(int(part), int(parts), without)


if __name__ == "__main__":
    main()
