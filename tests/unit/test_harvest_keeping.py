"""The blocks of a proposal come back as they were, however large it is and whatever its id is."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

from mc_city.harvest.built import Text
from mc_city.harvest.keeping import (
    FOLDER,
    file_stem,
    read_blocks,
    write_all_blocks,
    write_blocks,
)
from tests.nasty import NASTY
from tests.unit.harvest_proposals import built_of, cottage, filled, proposal_of
from worlds.errors import WorldError
from worlds.notes import FrameNote


def as_places(blocks) -> dict:
    return {
        place: str(blocks.states[number])
        for place, number in zip(
            zip(blocks.x.tolist(), blocks.y.tolist(), blocks.z.tolist(), strict=True),
            blocks.after.tolist(),
            strict=True,
        )
    }


def test_blocks_come_back_with_what_is_gone_as_air(tmp_path):
    after = cottage(-20, 1000) | filled((-30, 60, 990), (-28, 60, 992), "air")
    built = built_of(after, dict.fromkeys(after, "grass_block[snowy=false]"))
    write_blocks(tmp_path, proposal_of(built=built))
    assert [path.name for path in sorted((tmp_path / FOLDER).iterdir())] == [
        "4b-07-1.json",
        "4b-07-1.nbt",
    ]
    back = read_blocks(tmp_path, "4b-07-1")
    assert as_places(back) == as_places(built)
    assert np.array_equal(np.lexsort((back.x, back.z, back.y)), np.arange(len(back.x)))
    assert str(back.states[0]) == "minecraft:air"


def test_a_large_one_is_split_and_far_parts_cost_nothing(tmp_path):
    after = filled((0, 64, 0), (99, 64, 0), "stone") | {(2_000_000, 64, -5): "oak_planks"}
    built = built_of(after)
    write_blocks(tmp_path, proposal_of(built=built))
    names = {path.name for path in (tmp_path / FOLDER).glob("*.nbt")}
    assert names == {f"4b-07-1_{number}_0_0.nbt" for number in (0, 1, 2, 41666)}
    assert as_places(read_blocks(tmp_path, "4b-07-1")) == as_places(built)


def test_a_text_alone_has_no_blocks_to_keep(tmp_path):
    alone = replace(proposal_of(id="4b-07-2"), built=built_of({}))
    write_all_blocks(tmp_path, [proposal_of(), alone])
    assert {path.stem for path in (tmp_path / FOLDER).iterdir()} == {"4b-07-1"}


@pytest.mark.parametrize("name", [*NASTY, "4B-07-1", "con", "a/b", "a_0_0_0", ""])
def test_any_id_has_files_inside_of_the_folder_alone(tmp_path, name):
    write_blocks(tmp_path, proposal_of(id=name))
    assert [path.name for path in tmp_path.iterdir()] == [FOLDER]
    assert {path.stem for path in (tmp_path / FOLDER).iterdir()} == {file_stem(name)}
    assert len(read_blocks(tmp_path, name).x) == len(proposal_of().built)


def test_ids_that_look_alike_have_files_of_their_own():
    names = ["4b-07-1", "4B-07-1", "4b/07-1", "4b_07-1", "4b-07-1_0_0_0", "4b-07-1 "]
    assert len({file_stem(name).casefold() for name in names}) == len(names)


@pytest.mark.parametrize(
    "parts",
    [
        [{"file": "../4b-07-1.nbt", "corner": [0, 0, 0]}],
        [{"file": "4b-07-1.nbt", "corner": [0, 0]}],
        [{"file": "4b-07-1.nbt", "corner": [1 << 40, 0, 0]}],
        [],
        "x",
    ],
)
def test_a_list_of_parts_that_is_none_is_refused(tmp_path, parts):
    write_blocks(tmp_path, proposal_of())
    index = tmp_path / FOLDER / "4b-07-1.json"
    index.write_text(json.dumps({"parts": parts}))
    with pytest.raises(WorldError, match="does not tell"):
        read_blocks(tmp_path, "4b-07-1")


@pytest.mark.parametrize(
    "more",
    [
        {"signs": [{"at": [0, 0], "lines": []}]},
        {"signs": [{"at": [0, 0, 0], "lines": ["a"] * 5}]},
        {"signs": [{"at": [0, 0, 0], "lines": [1]}]},
        {"signs": "x"},
        {"frame": {"crs": "EPSG:3006"}},
        {"frame": {"origin": [1e300, 0]}},
    ],
)
def test_signs_and_a_frame_that_are_none_are_refused(tmp_path, more):
    write_blocks(tmp_path, proposal_of())
    index = tmp_path / FOLDER / "4b-07-1.json"
    index.write_text(json.dumps(json.loads(index.read_text("utf-8")) | more))
    with pytest.raises(WorldError, match="does not tell"):
        read_blocks(tmp_path, "4b-07-1")


def test_what_signs_say_and_the_frame_come_back(tmp_path):
    frame = FrameNote(crs="EPSG:3006", origin=(1.5, 2.0), blocks_per_metre=1.0, sea_level_y=62,
                      vertical_scale=1.0, turn_deg=12.4)  # fmt: skip
    built = built_of({(0, 64, 0): "oak_sign[rotation=4]", (1, 64, 0): "stone"})
    texts = (Text(0, 64, 0, "sign", "Hej\nalla"), Text(1, 64, 0, "sign", "no sign here"))
    write_blocks(tmp_path, proposal_of(built=replace(built, texts=texts)), frame=frame)
    back = read_blocks(tmp_path, "4b-07-1")
    assert [(one.at, one.lines) for one in back.signs] == [((0, 64, 0), ("Hej", "alla"))]
    assert back.frame == frame


def test_what_is_missing_is_told(tmp_path):
    with pytest.raises(WorldError, match="does not tell"):
        read_blocks(tmp_path, "4b-07-1")
    nothing = built_of({(0, 0, 0): "stone"}).take(np.zeros(1, bool))
    with pytest.raises(ValueError, match="no blocks"):
        write_blocks(tmp_path, replace(proposal_of(), built=nothing))
