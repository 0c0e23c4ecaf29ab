"""A roadway cut to some of its ways."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from terrain.columns.cutting import Rows, members, renumbered
from terrain.streets.nodes import Nodes
from terrain.streets.profiles import Profiles
from terrain.streets.roadway import Roadway
from terrain.streets.sections import Sections

NOWHERE = np.zeros(0, np.int64)


def cut_profiles(profiles: Profiles, rows: Rows) -> Profiles:
    """Those of some ways, without the nodes, which only planning asks for."""
    station, starts = members(profiles.starts, rows)
    nodes = Nodes(
        way=NOWHERE,
        along=np.zeros(0),
        node=NOWHERE,
        ends=np.zeros(0, bool),
        x=np.zeros(0),
        z=np.zeros(0),
    )
    return Profiles(
        starts, profiles.step[rows], profiles.top_y[station], profiles.known[rows], nodes
    )


def cut_sections(roadway: Roadway, rows: Rows) -> Sections:
    sections = roadway.sections
    station, _ = members(roadway.profiles.starts, rows)
    arrays = {
        name: getattr(sections, name)[rows]
        for name in ("half", "cycle", "walk", "kind", "rank", "lanes", "cover", "paint")
    }
    return Sections(**arrays, flags=sections.flags[station])


def cut_roadway(roadway: Roadway, rows: Rows) -> Roadway:
    """Some of the ways as they are laid. Their features are left out: what is laid is in the
    tables."""
    mine = np.isin(roadway.owner, rows)
    return replace(
        roadway,
        ways=roadway.ways.take(NOWHERE),
        profiles=cut_profiles(roadway.profiles, rows),
        sections=cut_sections(roadway, rows),
        pieces=roadway.pieces[mine],
        owner=renumbered(rows, len(roadway))[roadway.owner[mine]],
        length=roadway.length[rows],
        ends=roadway.ends[rows],
        beyond=roadway.beyond[rows],
    )
