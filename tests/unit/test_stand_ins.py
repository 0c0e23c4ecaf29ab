"""What stands for newer blocks in older games: of the same form, so that what is decided once holds
in every version."""

from __future__ import annotations

import pytest

from tests.walking import codes_of
from worlds.connections import connection_tables, covered_below, sturdy_sides
from worlds.java.palettes import is_passable, own_state
from worlds.java.versions import java_version
from worlds.stand_ins import java_since, older_name
from worlds.volume import BlockState, Palette

SOLID_INSTEAD = ("_shelf",)
"""A block of books stands for what hangs on a wall inside, away from panes and walls that join."""


def test_whole_names_and_parts():
    assert older_name("bush") == "fern"
    assert java_since("bush") == 4325
    for name in ("rose_bush", "dead_bush", "sweet_berry_bush"):
        assert (older_name(name), java_since(name)) == (None, 0)
    assert older_name("firefly_bush") == "fern"
    assert older_name("waxed_copper_lantern") == "lantern"
    assert older_name("spruce_shelf") == "bookshelf"
    assert older_name("bookshelf") is older_name("chiseled_bookshelf") is None


@pytest.mark.parametrize("version", ["1.20.4", "1.21.4", "1.21.11"])
def test_what_stands_for_a_state_of_the_sample_has_its_form(sample_scene, version):
    """Half a block stays the same half, what one walks through is walked through, and neighbours
    join it alike."""
    row, seen, wrong = java_version(version), 0, []
    for state in sample_scene.palette.states:
        other = own_state(state, row)
        if (
            other == state
            or row.renamed.get(state.name) == other.name
            or state.name.endswith(SOLID_INSTEAD)
        ):
            continue
        seen += 1
        name, like = (one.name.removeprefix("minecraft:") for one in (state, other))
        forms = [
            {
                key: value
                for key, value in one.properties
                if key in ("type", "half", "facing", "shape", "hanging")
            }
            for one in (state, other)
        ]
        common = forms[0].keys() & forms[1].keys()
        walked = codes_of(Palette.of([state, other]))
        alike = (
            is_passable(name) == is_passable(like)
            and sturdy_sides(state) == sturdy_sides(other)
            and covered_below(state) == covered_below(other)
            and walked[1] == walked[-1]
            and all(forms[0][key] == forms[1][key] for key in common)
            and (common or is_passable(name))
        )
        if not alike:
            wrong.append(f"{state}: {other}")
    assert wrong == []
    assert seen > 8


def test_a_shelf_is_full_at_its_back_alone():
    shelf = BlockState.parse("spruce_shelf[facing=north,powered=false,side_chain=unconnected]")
    assert sturdy_sides(shelf) == 1 << 2
    assert covered_below(shelf) == 0
    tables = connection_tables(Palette.of([shelf]))
    assert tables.joints["sturdy"].tolist() == [0, 4]
