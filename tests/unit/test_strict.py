"""What `make bounds` stands on: kernels that are compiled under it refuse indexes on both sides."""

import os
import subprocess
import sys

import pytest

from tests.conftest import PROJECT

PROGRAM = """
import numba, numpy
kernel = numba.njit(lambda array, index: array[index])
array = numpy.arange(5)
assert kernel(array, 4) == 4
try:
    kernel(array, {index})
except IndexError as error:
    print(error)
"""


@pytest.mark.parametrize(
    ("index", "said"),
    [(5, "index is out of bounds"), (-1, "index is below zero"), (-6, "index is below zero")],
)
def test_no_index_leaves_an_array(index, said):
    environment = os.environ | {
        "NUMBA_BOUNDSCHECK": "1",
        "PYTHONPATH": str(PROJECT / "tests" / "strict"),
    }
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(index=index)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == said
