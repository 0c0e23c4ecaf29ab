"""The same blocks on every processor: whatever BLAS kernels, vector units, C library variants and
numbers of threads there are."""

from __future__ import annotations

import ast
import json
import os
import platform
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from terrain.frame import Frame, quantised
from tests.conftest import PROJECT
from tests.models import write_round_model
from tests.rich_city import write_rich_city

WITHOUT_VECTORS = "AVX512F AVX512CD AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL AVX2 FMA3 F16C AVX"
OLDEST = {
    "OPENBLAS_CORETYPE": "Prescott", "NPY_DISABLE_CPU_FEATURES": WITHOUT_VECTORS,
    "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1",
    "GLIBC_TUNABLES": "glibc.cpu.hwcaps=-AVX2,-AVX2_Usable,-FMA,-FMA_Usable,-FMA4,-AVX512F",
}  # fmt: skip
"""What a processor of 2004 has: BLAS, numpy and the C library choose their oldest code."""
VARIANTS = {
    "Haswell": {"OPENBLAS_CORETYPE": "Haswell"},
    "Sandybridge": {"OPENBLAS_CORETYPE": "Sandybridge"}, "Zen": {"OPENBLAS_CORETYPE": "Zen"},
    "Prescott": {"OPENBLAS_CORETYPE": "Prescott"},
    "numpy": {"NPY_DISABLE_CPU_FEATURES": WITHOUT_VECTORS},
    "libm": {"GLIBC_TUNABLES": OLDEST["GLIBC_TUNABLES"]}, "threads": {"OMP_NUM_THREADS": "2",
    "NUMBA_NUM_THREADS": "2"},
}  # fmt: skip
CODE = [
    path
    for name in ("terrain", "buildings", "mc_city", "worlds")
    for path in sorted((PROJECT / name).rglob("*.py"))
]
BLAS = {
    "dot", "vdot", "inner", "matmul", "tensordot", "einsum", "convolve", "correlate", "linalg",
    "polyfit", "lstsq", "cov", "corrcoef",
    "kron", "multi_dot",
}  # fmt: skip


def digests(config: Path, **variables: str) -> dict[str, str]:
    environment = {
        name: value for name, value in os.environ.items() if name not in OLDEST
    } | variables
    done = subprocess.run(
        [sys.executable, "-m", "tests.rich_city", str(config)],
        cwd=PROJECT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=1500,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture(scope="module")
def rich(tmp_path_factory) -> tuple[Path, dict[str, str]]:
    config = write_rich_city(tmp_path_factory.mktemp("rich"))
    write_round_model(config.parent / "tower.obj")
    with config.open("a", encoding="utf-8") as file:
        file.write('\n[[models]]\npath = "tower.obj"\nat = [600_030, 6_900_010]\nturn = 17.3\n')
    return config, digests(config)


@pytest.mark.slow
@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the variables name parts of x86 processors"
)
def test_an_old_processor_gives_the_same_blocks(rich):
    config, here = rich
    assert digests(config, **OLDEST) == here


@pytest.mark.stress
@pytest.mark.parametrize("variant", VARIANTS)
def test_each_difference_between_processors_by_itself(variant, rich):
    config, here = rich
    assert digests(config, **VARIANTS[variant]) == here


@pytest.mark.stress
def test_kernels_compiled_for_any_processor_give_the_same_blocks(rich, tmp_path):
    config, here = rich
    assert digests(config, NUMBA_CPU_NAME="generic", NUMBA_CACHE_DIR=str(tmp_path)) == here


def _left_to_the_processor(node: ast.AST) -> str | None:
    """BLAS adds in the order and with the roundings of each processor; an unstable sort puts equals
    in an order of its own."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.MatMult):
        # An affine transform multiplies plain numbers.
        return None if re.search(r"transform|to_cells", ast.unparse(node.left)) else "@"
    if isinstance(node, ast.Attribute) and node.attr in BLAS:
        return node.attr
    if isinstance(node, ast.keyword) and node.arg in ("fastmath", "parallel"):
        return node.arg
    if (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr == "argsort"
    ):
        kinds = [
            word.value.value
            for word in node.keywords
            if word.arg == "kind" and isinstance(word.value, ast.Constant)
        ]
        return None if kinds == ["stable"] else "argsort without kind"
    return None


def test_nothing_is_left_to_blas_or_to_the_order_of_a_sort():
    found = [
        f"{path.relative_to(PROJECT)}:{getattr(node, 'lineno', '?')}: {what}"
        for path in CODE
        for node in ast.walk(ast.parse(path.read_bytes()))
        if (what := _left_to_the_processor(node))
    ]
    assert found == []


@pytest.mark.skipif(
    platform.machine() != "x86_64", reason="the variables name parts of x86 processors"
)
def test_the_heights_of_a_deck_are_the_same_to_the_bit():
    program = (
        "import numpy as np; from terrain.spans.deck_heights import arched; need = np.full(1421, "
        "-np.inf); need[300:1100] = 98.0; "
        "print(arched(74.0, 74.0, need, 1.0, 0.08)[650:750].tolist())"
    )
    said = set()
    for core in ("Prescott", "Haswell"):
        environment = os.environ | {"OPENBLAS_CORETYPE": core}
        said.add(
            subprocess.run(
                [sys.executable, "-c", program],
                cwd=PROJECT,
                env=environment,
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
    assert said == {f"{[98.0] * 100}\n"}


def test_the_last_bit_turns_no_block_over():
    frame = Frame("EPSG:3006", 600_000.0, 6_900_000.0)
    assert quantised(97.99999999999999) == 98.0
    for height in (0.5, 1.5, 35.5, -2.5):
        near = np.array([np.nextafter(height, -np.inf), height, np.nextafter(height, np.inf)])
        assert len(set(frame.y_block(near).tolist())) == 1
    for east in (600_012.0, 600_012.5):
        places = [
            frame.to_blocks(value, 6_900_000.0)[0]
            for value in (np.nextafter(east, 0), east, np.nextafter(east, np.inf))
        ]
        assert len(set(places)) == 1
