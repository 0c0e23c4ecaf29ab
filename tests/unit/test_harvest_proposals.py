"""From what somebody built to proposals."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely

from mc_city.harvest.built import Built, Sender, Text
from mc_city.harvest.proposals import Proposal, proposals_of, stem_of
from tests.harvest.builder import GROUND, Site
from tests.harvest.labelled import THINGS
from tests.harvest.told import FRAME, SENDER


def found(site: Site, developments=()) -> list[Proposal]:
    return proposals_of(site.built(), SENDER, FRAME, developments, site.ground)


def village() -> Site:
    """A villa, a hut a hundred blocks east of it, a sign by itself."""
    site = THINGS["villa_with_gable"][1]()
    hut = THINGS["hut_of_dirt"][1]()
    site.put.update({(x + 100, y, z): block for (x, y, z), block in hut.put.items()})
    return site.sign(200, 1, 0, "Mer buss!")


def told_of(proposal: Proposal) -> dict[str, object]:
    """All of a proposal that can be compared."""
    plain = {name: value for name, value in vars(proposal).items() if name != "built"}
    return {**plain, "outline": proposal.outline.wkb, "materials": dict(proposal.materials)}


def test_proposals_are_numbered_from_the_largest():
    villa, hut, sign = found(village())
    assert [one.id for one in (villa, hut, sign)] == ["4b-07-1", "4b-07-2", "4b-07-3"]
    assert [one.number for one in (villa, hut, sign)] == [1, 2, 3]
    assert [one.kind for one in (villa, hut, sign)] == ["house", "house", "sign"]
    assert len(villa.built) > len(hut.built) > len(sign.built) == 1


def test_every_block_is_in_one_proposal():
    site = village()
    places = [
        (int(x), int(y), int(z))
        for one in found(site)
        for x, y, z in zip(one.built.x, one.built.y, one.built.z, strict=True)
    ]
    assert len(places) == len(set(places)) == len(site.built())


def test_the_order_of_blocks_and_texts_does_not_matter():
    site = village().sign(3, 1, -2, "Välkommen").sign(-3, 1, -2, "Akta hunden")
    built = site.built()
    mixed = np.random.default_rng(4).permutation(len(built))
    other = replace(built.take(mixed), texts=built.texts[::-1])
    pair = [
        [told_of(one) for one in proposals_of(way, SENDER, FRAME, (), site.ground)]
        for way in (built, other)
    ]
    assert pair[0] == pair[1]


def test_texts_near_a_thing_or_inside_it_are_its_words_once():
    site = Site().walls((0, 1, 0), (18, 4, 18), "stone")
    site.sign(9, 2, 9, "Mitt i").sign(0, 2, -6, "Nära").sign(3, 2, -6, "Nära")
    # Their signs stood there before; only what is written is new.
    site.put = {place: block for place, block in site.put.items() if block == "stone"}
    (only,) = found(site)
    assert sorted(only.words) == ["Mitt i", "Nära"]
    assert len(only.built.texts) == 3


def test_a_text_far_from_everything_is_a_proposal_without_blocks():
    site = Site().box((0, 1, 0), (5, 4, 5), "stone")
    site.texts.append(Text(60, GROUND + 1, 0, "sign", "Här vill jag ha en park"))
    site.texts.append(Text(62, GROUND + 1, 0, "sign", "och en till"))
    first, alone = found(site)
    assert first.words == ()
    assert alone.kind == "sign"
    assert alone.words == ("Här vill jag ha en park", "och en till")
    assert (len(alone.built), alone.added, alone.replaced, alone.volume_m3) == (0, 0, 0, 0)
    assert alone.outline.area == alone.area_m2 == 3, "the gap between the two is closed"


def test_a_world_in_which_nothing_changed_has_no_proposals():
    assert found(Site()) == []


def test_it_stands_on_developments_that_hold_enough_of_it():
    site = Site().box((0, 1, 0), (9, 4, 9), "stone")
    developments = (
        ("whole", shapely.box(-5, -5, 20, 20)),
        ("half", lambda x, _z: x < 5),
        ("corner", shapely.box(8, 8, 30, 30)),
        ("elsewhere", shapely.box(50, 50, 60, 60)),
    )
    assert found(site, developments)[0].on == ("whole", "half")


def test_many_small_things_are_one_proposal_in_the_end(monkeypatch):
    monkeypatch.setattr("mc_city.harvest.proposals.MOST_PROPOSALS", 3)
    site = Site()
    for number in range(6):
        site.box((number * 40, 1, 0), (number * 40, 9 - number, 0), "stone")
    sizes = [len(one.built) for one in found(site)]
    assert sizes == [9, 8, 7 + 6 + 5 + 4]


@pytest.mark.parametrize(
    ("sender", "stem"),
    [
        (Sender(school_class="klass4b", pupil="07", file="a"), "4b-07"),
        (Sender(school_class="klass", pupil="7", file="a"), "klass-7"),
        (Sender(school_class="../Årskurs 5", pupil="a/b", file="a"), "årskurs_5-a_b"),
        (Sender(school_class="", pupil="12", file="a"), "12"),
    ],
)
def test_ids_are_made_of_class_and_code(sender, stem):
    assert stem_of(sender) == stem


def test_who_has_no_code_is_not_called_by_the_name_of_the_file():
    stems = {stem_of(Sender(school_class="klass4b", pupil="", file=f"Kim{n}")) for n in range(9)}
    assert len(stems) == 9
    assert not any("kim" in stem for stem in stems)


def test_a_hundred_thousand_blocks_are_not_looked_at_one_by_one():
    """A field as large as a quarter, and a pole in each of its corners: one thing."""
    x, z = (axis.ravel() for axis in np.meshgrid(np.arange(400), np.arange(250)))
    same = Site().at(0, 1, 0, "stone").built()
    field = Built(
        x=x.astype(np.int32), y=np.full(x.size, GROUND + 1, np.int32), z=z.astype(np.int32),
        before=np.zeros(x.size, np.int32), after=np.ones(x.size, np.int32), states=same.states,
    )  # fmt: skip
    (only,) = proposals_of(field, SENDER, FRAME, ())
    assert only.area_m2 == only.added == 100_000


def test_a_text_that_claims_to_lie_at_the_end_of_the_world_does_no_harm():
    site = Site().box((0, 1, 0), (5, 4, 5), "stone").sign(2, 1, -1, "Hej")
    for far in (2**31 - 1, -(2**31)):
        site.texts.append(Text(far, far, far, "book", "Långt bort"))
    first, *others = found(site)
    assert first.words == ("Hej",)
    assert [word for one in others for word in one.words] == ["Långt bort", "Långt bort"]
    assert all(one.outline.is_valid for one in others)
