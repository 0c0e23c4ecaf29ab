"""One record of a database, read without the library: as the library reads it, or not at all."""

from __future__ import annotations

import shutil
import struct
from pathlib import Path

import leveldb
import numpy as np
import pytest

from worlds.bedrock.sstable import CRC, crc32c, varint
from worlds.bedrock.tables import plain_crc, read_record, records_of

KEYS = [b"scoreboard", b"~local_player", *(struct.pack("<iiB", x, 3, 47) for x in range(60))]
UNSURE = (ValueError, OSError, IndexError, struct.error)


def opened(folder: Path) -> leveldb.LevelDB:
    return leveldb.LevelDB(str(folder), create_if_missing=True)


@pytest.fixture(scope="module")
def known(tmp_path_factory) -> tuple[Path, dict[bytes, bytes | None]]:
    """A database with records written over, taken away and merged; what the library reads."""
    folder, rng = tmp_path_factory.mktemp("tables") / "db", np.random.default_rng(8)
    for step in range(4):
        database = opened(folder)
        for key in KEYS:
            lot = rng.integers(4)
            if lot < 2:
                # Some that do not deflate, so that there are several tables and blocks.
                database.put(key, rng.bytes(int(rng.integers(1, 60_000))))
            elif lot == 2 and key in database:
                database.delete(key)
        database.close(compact=step == 1)
    # What is in the log goes into a table when it is opened again.
    database = opened(folder)
    found = {key: database.get(key) if key in database else None for key in KEYS}
    database.close(compact=False)
    return folder, found


def test_python_sums_as_the_kernel_does():
    for length in (0, 1, 7, 8, 9, 1000):
        data = np.random.default_rng(length).bytes(length)
        assert plain_crc(data) == crc32c(np.frombuffer(data, np.uint8), CRC)
    assert plain_crc(b"123456789") == 0xE3069283


def test_each_record_is_the_one_that_the_library_reads(known):
    folder, found = known
    assert len(list(folder.glob("*.ldb"))) > 1
    assert len({value is None for value in found.values()}) == 2
    assert {key: read_record(folder, key) for key in KEYS} == found
    assert read_record(folder, b"nothing") is None


def test_a_block_that_would_take_forever_is_left_alone():
    """Thousands of records that each repeat a key of megabytes."""
    long = varint(0) + varint(4 << 20) + varint(0) + bytes(4 << 20)
    again = (varint(4 << 20) + varint(0) + varint(0)) * 100_000
    with pytest.raises(ValueError, match="long"):
        list(records_of(long + again + struct.pack("<II", 0, 1)))


def test_what_is_in_a_log_is_left_to_the_library(known, tmp_path):
    shutil.copytree(known[0], tmp_path / "db")
    database = opened(tmp_path / "db")
    database.put(b"scoreboard", b"newer")
    database.close(compact=False)
    with pytest.raises(ValueError, match="log"):
        read_record(tmp_path / "db", b"scoreboard")


def test_a_damaged_database_says_nothing_wrong(known, tmp_path):
    """Each byte changed is noticed, or was not read."""
    folder, found = known
    rng, refused = np.random.default_rng(9), 0
    names = ["CURRENT", next(folder.glob("MANIFEST-*")).name]
    names += [path.name for path in folder.glob("*.ldb")]
    for number in range(40):
        copy = tmp_path / str(number)
        shutil.copytree(folder, copy)
        name = names[number % len(names)]
        data = bytearray((copy / name).read_bytes())
        place = rng.integers(len(data)) if number % 2 else len(data) - 1 - rng.integers(60)
        data[max(int(place), 0)] ^= 1 << int(rng.integers(8))
        (copy / name).write_bytes(data)
        for key in KEYS[:4]:
            try:
                assert read_record(copy, key) == found[key]
            except UNSURE:
                refused += 1
    assert 20 < refused < 160
