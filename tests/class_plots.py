"""The small planned city with building plots, for tests."""

from __future__ import annotations

from pathlib import Path

from tests.plans import SMALL_PLANS, feature, line, rectangle, write_planned_city, write_plans

DIAMOND = {
    "type": "Polygon",
    "coordinates": line((-30, -46), (-22, -58), (-14, -46), (-22, -38), (-30, -46))["coordinates"],
}
DIAMOND["coordinates"] = [DIAMOND["coordinates"]]
PLOTS = [
    feature(rectangle(-60, 35, -48, 47), nummer=1, namn="Rävarna"),
    feature(rectangle(-16, -24, 4, -12), nummer=2),
    feature(rectangle(4, -24, 16, -12), nummer=3),
    feature(DIAMOND, nummer=12, namn="Ugglorna i den stora eken"),
]
"""One that only gamma touches; two side by side where all layers meet, over the border of two
regions; one askew."""


def write_plots_file(folder: Path, features=PLOTS) -> Path:
    return write_plans(folder / "plots.geojson", features)


def write_class_city(
    folder: Path, said: str = 'plots = "plots.geojson"', plans=SMALL_PLANS, plots=PLOTS
) -> Path:
    """The small city with these plots; returns its configuration. said: what stands under
    [class]."""
    config = write_planned_city(folder, plans)
    write_plots_file(folder, plots)
    config.write_text(f"{config.read_text('utf-8')}\n[class]\n{said}\n", "utf-8")
    return config
