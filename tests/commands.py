"""The program run in this process, as a person would from a shell: starting Python anew costs
seconds each time."""

from __future__ import annotations

import contextlib
import io
import subprocess
import sys
from collections.abc import Sequence
from unittest.mock import patch

from mc_city.cli import main


def run(*words: object) -> subprocess.CompletedProcess[str]:
    """The exit status and both streams of `mc-city` with these words."""
    arguments: Sequence[str] = ["mc-city", *map(str, words)]
    out, err, status = io.StringIO(), io.StringIO(), 0
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        patch.object(sys, "argv", list(arguments)),
    ):
        try:
            main()
        except SystemExit as ended:
            status = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
    return subprocess.CompletedProcess(arguments, status, out.getvalue(), err.getvalue())
