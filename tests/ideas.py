"""Made-up harvests for tests: proposals in the small city, written as `mc-city harvest` writes
them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import geopandas as gpd

from mc_city.harvest.geodata import LAYER, write_ideas
from mc_city.harvest.keeping import write_all_blocks
from mc_city.settings.config import Config
from mc_city.site.ideas import covered
from tests.unit.harvest_proposals import Places, built_of, proposal_of
from worlds.notes import FrameNote


@dataclass(frozen=True)
class Made:
    """A proposal: its blocks, the pupil's code, and what else differs."""

    blocks: Places
    pupil: str = "07"
    more: Mapping[str, Any] = ()  # type: ignore[assignment]


def frame_note(config: Config) -> FrameNote:
    frame = config.frame
    return FrameNote(
        crs=config.city.crs, origin=config.city.origin, blocks_per_metre=frame.scale,
        sea_level_y=frame.sea_level_y, vertical_scale=frame.vertical_scale,
        turn_deg=config.city.turn_deg,
    )  # fmt: skip


def write_harvest(
    folder: Path, config: Config, made: Sequence[Made], frame: FrameNote | None = None
) -> Path:
    """Writes a harvest of these proposals; returns its GeoPackage. frame: of the world in which the
    blocks stand, the configuration's unless said."""
    proposals = []
    for number, one in enumerate(made, 1):
        built = built_of(one.blocks, dict.fromkeys(one.blocks, "bedrock"))
        facts = {"id": f"4b-{one.pupil}-{number}", "built": built}
        outline = covered(built.x, built.z, config.frame)
        top = max(place[1] for place in one.blocks) + 1
        low = min(place[1] for place in one.blocks)
        proposals.append(
            proposal_of(number, outline=outline, height_m=float(top - low), on=(),
                        **(facts | dict(one.more)))
        )  # fmt: skip
    write_ideas(folder, proposals, config.city.crs)
    write_all_blocks(folder, proposals, frame or frame_note(config))
    return folder / "ideas.gpkg"


def edited(path: Path, **columns: Sequence[Any]) -> None:
    """The table as somebody leaves it who filled in columns in QGIS."""
    table = gpd.read_file(path, layer=LAYER)
    for name, values in columns.items():
        assert name in table, name
        table[name] = list(values)
    path.unlink()
    table.to_file(path, layer=LAYER, driver="GPKG")


def as_places(x: Any, y: Any, z: Any, states: Sequence[Any]) -> dict[tuple[int, int, int], str]:
    return {
        (int(a), int(b), int(c)): str(state) for a, b, c, state in zip(x, y, z, states, strict=True)
    }
