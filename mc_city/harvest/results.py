"""What is written of a harvest: geodata, blocks, pictures, a report."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_closing, binary_fill_holes

from mc_city.harvest.around import Regions, blocks_around
from mc_city.harvest.geodata import write_ideas
from mc_city.harvest.harvest import Development, Harvest
from mc_city.harvest.keeping import write_all_blocks
from mc_city.harvest.maps import BaseMap
from mc_city.harvest.pictures import draw_proposal
from mc_city.harvest.proposals import Proposal, proposals_of
from mc_city.harvest.report import NotCounted, Told, write_report
from mc_city.harvest.saying import Said
from mc_city.harvest.votes import write_votes
from terrain.plane import crs_text
from worlds.merging import columns_at

VOTES = "votes.csv"
MOST_CELLS = 1 << 26
"""Of the box round a development; of a larger one only the columns that it changes are its
place."""
CLOSED = 6
"""Columns between things of one development that belong to its place."""
SAID = {
    "liquid that flowed": Said("vatten och lava som rann", "water and lava that flowed"),
    "state of a block": Said(
        "dörrar, knappar, staket och annat som spelet ställer om",
        "doors, buttons, fences and the like that the game sets",
    ),
    "weathered": Said("ärg och vittring", "weathering"),
    "grown, frozen or melted": Said(
        "gräs, is och snö som kom och gick", "grass, ice and snow that came and went"
    ),
    "leaves that withered": Said("löv som vissnade", "leaves that withered"),
    "plants that grew on": Said("växter som växte", "plants that grew"),
    "trees out of saplings": Said("träd av plantor", "trees out of saplings"),
    "bottom of the world": Said(
        "världens botten, där läraren lägger tillåt- och nekablock",
        "the bottom of the world, where teachers lay allow and deny blocks",
    ),
}
"""What the game did by itself, in both languages."""


def place_of(
    development: Development,
) -> Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]:
    """What says which columns (x, z) lie in a development's place: what it changes, and what lies
    between."""
    columns = development.columns
    if not len(columns):
        return lambda x, _: np.zeros(len(x), bool)
    corner = columns.min(axis=0) - CLOSED
    if int(np.prod(columns.max(axis=0) - corner, dtype=np.int64)) > MOST_CELLS:
        known = columns_at(*columns.astype(np.int64).T)
        return lambda x, z: np.isin(columns_at(x, z), known)
    mask = np.zeros(tuple((columns.max(axis=0) - corner + CLOSED + 1).tolist()), bool)
    mask[tuple((columns - corner).T)] = True
    mask = binary_fill_holes(binary_closing(mask, iterations=CLOSED))

    def inside(x: NDArray[np.int64], z: NDArray[np.int64]) -> NDArray[np.bool_]:
        right, down = x - corner[0], z - corner[1]
        out = (right >= 0) & (down >= 0) & (right < mask.shape[0]) & (down < mask.shape[1])
        out[out] = mask[right[out], down[out]]
        return np.asarray(out, bool)

    return inside


def proposals_of_all(found: Harvest) -> list[Proposal]:
    """The proposals of all worlds, numbered through, world after world."""
    places: list[tuple[str, Any]] = [(one.id, place_of(one)) for one in found.developments]
    out: list[Proposal] = []
    for world in found.worlds:
        difference = world.difference
        ground = difference.surface if difference.surface.chunks else None
        told = proposals_of(
            difference.built, world.sender, found.frame, places, ground=ground, plots=found.plots
        )
        for one in told:
            over = None
            if found.allowed is not None:
                over = found.allowed.over_m(one.built, found.frame.vertical_scale)
            out.append(replace(one, number=len(out) + 1, over_plan_m=over))
    return out


def _base_map(found: Harvest) -> BaseMap:
    held = io.BytesIO()
    found.map.picture.save(held, "PNG", compress_level=1)
    return BaseMap(held.getvalue(), found.map.corner, found.map.step, found.frame)


def _credits(found: Harvest) -> list[str]:
    said = (str(source.get("attribution", "")) for source in found.note.sources)
    return list(dict.fromkeys(line for line in said if line))


def report_of(found: Harvest, proposals: Sequence[Proposal]) -> Told:
    """What the report tells of a harvest."""
    return Told(
        city=found.note.city,
        frame=found.frame,
        proposals=proposals,
        senders=[world.sender for world in found.worlds],
        developments={one.id: one.name for one in found.developments},
        base=_base_map(found),
        left_out=found.left_out,
        not_counted=[
            NotCounted(SAID[reason], number) for reason, number in found.by_game.most_common()
        ],
        credits=_credits(found),
    )


def _in_order(proposals: Sequence[Proposal]) -> list[Proposal]:
    """Those in one region after the other, so that each is read once."""
    return sorted(
        proposals,
        key=lambda one: (
            (int(one.built.x.min()) >> 9, int(one.built.z.min()) >> 9) if len(one.built) else (0, 0)
        ),
    )


def write_results(
    folder: Path, found: Harvest, proposals: Sequence[Proposal], regions: Regions
) -> None:
    """Writes all of it into a folder that is there. regions: of the world that was handed out."""
    write_ideas(folder, proposals, crs_text(found.frame.crs))
    write_all_blocks(folder, proposals, found.note.frame)
    write_votes(folder / VOTES, [vote for world in found.worlds for vote in world.votes])
    pictures = {
        one.id: draw_proposal(one, blocks_around(one.built, regions))
        for one in _in_order(proposals)
    }
    write_report(folder, report_of(found, proposals), pictures)
