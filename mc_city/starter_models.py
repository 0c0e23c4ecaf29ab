"""What a new configuration says of models: an entry each, to be completed by who knows where it
stands."""

from __future__ import annotations

from collections.abc import Sequence

from mc_city.settings.coordinates import as_list

ENTRY = """\
# [[models]]                         # a landmark or a planned house: GLB, OBJ, IFC or CityGML
# path = {path}
# at = {at}          # of its own origin; left out where the file itself says it
# turn = 0.0                         # degrees, clockwise seen from above: docs/models.md"""


def model_entries(paths: Sequence[str], origin: Sequence[float]) -> str:
    """Commented. paths: as they stand in the configuration, in quotes; none: an example."""
    at = as_list(origin)
    return "\n\n".join(ENTRY.format(path=path, at=at) for path in paths or ['"data/church.glb"'])
