"""Chunks that a game saved anew hold other blocks or the same: however it orders and spells its
palettes, whichever sections of air it leaves out."""

from __future__ import annotations

import io
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import nbtlib
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worlds.comparing import differing_chunks
from worlds.errors import WorldError
from worlds.java.entries import as_newest
from worlds.java.reader import read_region_volume
from worlds.java.region import assemble_region
from worlds.java.returned import built_otherwise

STATES = (
    ("minecraft:air", {}),
    ("minecraft:stone", {}),
    ("minecraft:oak_slab", {"type": "bottom"}),
    ("minecraft:oak_slab", {"type": "top"}),
    *((f"minecraft:{colour}_wool", {}) for colour in ("red", "blue", "green", "white", "black")),
    *((f"minecraft:{wood}_planks", {}) for wood in ("oak", "birch", "spruce", "jungle", "acacia")),
    *((f"minecraft:{stone}", {}) for stone in ("granite", "diorite", "andesite", "tuff")),
)


def entry(number: int) -> nbtlib.Compound:
    name, properties = STATES[number]
    out = nbtlib.Compound({"Name": nbtlib.String(name)})
    if properties:
        out["Properties"] = nbtlib.Compound(
            {key: nbtlib.String(value) for key, value in properties.items()}
        )
    return out


def packed(cells: np.ndarray, palette: list[int]) -> nbtlib.Compound:
    """`block_states` of a section's cells (y, z, x) by number of a state. palette: in its order."""
    held: dict[str, object] = {"palette": nbtlib.List[nbtlib.Compound](map(entry, palette))}
    if len(palette) > 1:
        bits = max(4, (len(palette) - 1).bit_length())
        places = 64 // bits
        longs = np.zeros(-(-4096 // places), np.uint64)
        for number, cell in enumerate(cells.reshape(-1).tolist()):
            shift = bits * (number % places)
            longs[number // places] |= np.uint64(palette.index(cell) << shift)
        held["data"] = nbtlib.LongArray(longs.view(np.int64))
    return nbtlib.Compound(held)


def chunk(sections: dict[int, tuple[np.ndarray, list[int]]]) -> bytes:
    out = io.BytesIO()
    nbtlib.File(
        {
            "DataVersion": nbtlib.Int(4189),
            "sections": nbtlib.List[nbtlib.Compound](
                [
                    nbtlib.Compound({"Y": nbtlib.Byte(y), "block_states": packed(cells, palette)})
                    for y, (cells, palette) in sections.items()
                ]
            ),
        }
    ).write(out)
    return zlib.compress(out.getvalue())


@st.composite
def section(draw) -> tuple[np.ndarray, list[int]]:
    used = draw(st.lists(st.integers(0, len(STATES) - 1), min_size=1, max_size=18, unique=True))
    cells = np.full((16, 16, 16), used[0])
    for place, state in enumerate(used[1:]):
        cells[place % 16, 15 - place % 16, place // 2] = state
    return cells, used


def spelled_anew(draw, sections):
    """The same blocks in another order, with states that nothing uses, air left out or written."""
    out = {}
    for y, (cells, palette) in sections.items():
        if (cells == 0).all() and draw(st.booleans()):
            continue
        more = [one for one in draw(st.lists(st.integers(0, 17), max_size=3)) if one not in palette]
        out[y] = cells, list(draw(st.permutations([*palette, *dict.fromkeys(more)])))
    if draw(st.booleans()):
        out.setdefault(9, (np.zeros((16, 16, 16), int), [0]))
    return out


@settings(max_examples=20, deadline=None)
@given(st.data())
def test_what_is_saved_anew_is_other_where_its_blocks_are(data):
    handed = data.draw(st.dictionaries(st.integers(-4, 8), section(), min_size=1, max_size=4))
    returned = spelled_anew(data.draw, handed)
    changed = data.draw(st.booleans())
    if changed and returned:
        y = data.draw(st.sampled_from(sorted(returned)))
        cells, palette = returned[y]
        cells = cells.copy()
        at = tuple(data.draw(st.integers(0, 15)) for _ in range(3))
        cells[at] = data.draw(st.integers(0, len(STATES) - 1))
        returned[y] = cells, list(dict.fromkeys([*palette, int(cells[at])]))
    with TemporaryDirectory() as folder:
        mine, theirs = (Path(folder) / one / "r.-1.0.mca" for one in ("mine", "theirs"))
        for path, sections in ((mine, returned), (theirs, handed)):
            path.parent.mkdir()
            path.write_bytes(assemble_region({(3, 30): chunk(sections), (4, 4): chunk(handed)}))
        whole = [as_newest(read_region_volume(path)[0]) for path in (theirs, mine)]
        wanted = differing_chunks(*whole)
        every = np.zeros((32, 32), bool)
        every[30, 3] = every[4, 4] = True
        assert np.array_equal(built_otherwise(mine, theirs, every), wanted)
        assert not built_otherwise(mine, theirs, np.zeros((32, 32), bool)).any()
        assert changed or not wanted.any()


def written(folder: Path, body: bytes) -> Path:
    folder.mkdir()
    (folder / "r.0.0.mca").write_bytes(assemble_region({(0, 0): body}))
    return folder / "r.0.0.mca"


FIRST = np.zeros((32, 32), bool)
FIRST[0, 0] = True


def test_a_section_that_is_there_twice_is_looked_at_whole(tmp_path):
    stone = np.full((16, 16, 16), 1), [1]
    body = zlib.decompress(chunk({0: stone, 1: stone}))
    # The second one says that it is the first.
    doubled = zlib.compress(body.replace(b"\x01\x00\x01Y\x01", b"\x01\x00\x01Y\x00"))
    path, other = written(tmp_path / "a", doubled), written(tmp_path / "b", doubled)
    assert built_otherwise(path, other, FIRST).sum() == 1


@pytest.mark.parametrize("states", [(1,), (1, 4), tuple(range(18))])
def test_the_same_bytes_under_another_palette_are_other_blocks(tmp_path, states):
    cells = np.resize(np.array(states), (16, 16, 16))
    # Each state in the place of the next one: the indices stay.
    turned = [(one + 1) % len(STATES) for one in states]
    table = dict(zip(states, turned, strict=True))
    other = np.vectorize(table.get)(cells)
    paths = [
        written(tmp_path / name, chunk({0: held}))
        for name, held in (("a", (cells, list(states))), ("b", (other, turned)))
    ]
    assert built_otherwise(*paths, FIRST)[0, 0]
    assert not built_otherwise(paths[0], paths[0], FIRST).any()


def test_a_damaged_chunk_is_named(tmp_path):
    whole = chunk({0: (np.full((16, 16, 16), 1), [1])})
    path, other = written(tmp_path / "a", whole), written(tmp_path / "b", b"nothing")
    for pair in ((path, other), (other, path)):
        with pytest.raises(WorldError, match=r"chunk 0, 0 is not readable"):
            built_otherwise(*pair, FIRST)
