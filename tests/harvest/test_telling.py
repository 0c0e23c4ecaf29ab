"""From a world that came back to the page that tells of it, with pictures in the world around."""

from __future__ import annotations

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from mc_city.harvest.around import draw_all, opened_reader, pieces_of
from mc_city.harvest.harvest import harvest
from mc_city.harvest.pictures import draw_proposal
from mc_city.harvest.report import write_report
from mc_city.harvest.telling import told_of
from mc_city.saved.facts import read_facts
from tests.conftest import quiet
from tests.harvest.child import build_in, hut
from tests.harvest.test_differing import unpacked
from tests.unit.harvest_proposals import built_of, proposal_of


@pytest.mark.parametrize("edition", ["java", "bedrock"])
def test_pictures_show_the_saved_world_around(planned_out, tmp_path, edition):
    folder = unpacked(planned_out(), edition, tmp_path / "handed")
    x, y, z = -58, 66, -60
    proposal = proposal_of(built=built_of({(x, y, z): "red_wool"}))
    with opened_reader(folder) as read:
        ((_, piece),) = pieces_of(read, [proposal])
    around = piece.volume()
    assert around is not None
    assert len(around.palette) > 1
    drawn = draw_all(folder, [proposal])[proposal.id]
    assert drawn == draw_proposal(proposal, around) != draw_proposal(proposal)
    assert max(np.asarray(Image.open(BytesIO(drawn))).shape) <= 480


def test_what_came_back_is_told(planned_out, tmp_path):
    out = planned_out()
    world = unpacked(out, "java", tmp_path / "klass4b_07")
    build_in(world, hut(-58, 100, -60))
    broken = tmp_path / "klass4b_08.mcworld"
    broken.write_bytes(b"PK no zip")
    found = harvest(out / "Liten.mcworld", [world, broken], quiet)
    built = found.worlds[0].difference.built
    proposal = proposal_of(built=built, sender=found.worlds[0].sender)
    told = told_of(found, [proposal])
    assert told.city == read_facts(world)["city"]
    assert [one.file for one in told.left_out] == ["klass4b_08.mcworld"]
    assert told.base is not None
    text = write_report(tmp_path / "ideas", told, {}).read_text("utf-8")
    assert "klass4b_08" not in text
    assert "4b · 08" in text
    assert 'id="p1"' in text
    assert "data:image/jpeg;base64," in text
