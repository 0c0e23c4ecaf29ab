"""A made-up town of one plot for each kind of thing that is mapped in towns, as an extract of
OpenStreetMap, and the same town without the things."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import quoteattr

from pyproj import Transformer

ORIGIN = (600000, 6900000)
PLOT = 80
"""Metres from the middle of one plot to that of the next."""
ACROSS = 16
"""Plots in a row."""
TABLE = Path(__file__).with_name("kinds.toml")
CARRIER = {"street point": "highway=residential", "path point": "highway=footway"}
"""What carries points on ways, in the town without things too."""


@dataclass(frozen=True)
class Kind:
    """A row of the table. form: point, street point, path point, line, area, ring or house; tags:
    key → value; wanted: blocks of its own, `a|b` for one of several; why: of what is not drawn."""

    number: int
    form: str
    tags: dict[str, str]
    wanted: tuple[str, ...]
    why: str | None

    @property
    def middle(self) -> tuple[int, int]:
        """(x, z) of the plot's middle, blocks."""
        row, column = divmod(self.number, ACROSS)
        return PLOT // 2 + PLOT * column, PLOT // 2 + PLOT * row

    def __str__(self) -> str:
        return f"{self.form}: {', '.join(f'{key}={value}' for key, value in self.tags.items())}"


def tags_of(text: str) -> dict[str, str]:
    """`a=b, c=d` as a mapping."""
    return dict(part.split("=", 1) for part in text.split(", "))


def read_kinds() -> list[Kind]:
    """The table in its order, what came later at the end."""
    table = tomllib.loads(TABLE.read_text("utf-8"))
    later = table.pop("more")
    sections = [*table.items(), *later.items()]
    rows = [(form, tags, told) for form, kinds in sections for tags, told in kinds.items()]
    return [
        Kind(
            number=number,
            form=form.replace("_", " "),
            tags=tags_of(tags),
            wanted=() if isinstance(told, str) else tuple(told),
            why=told if isinstance(told, str) else None,
        )
        for number, (form, tags, told) in enumerate(rows)
    ]


def _shape(kind: Kind) -> list[tuple[float, float]]:
    """(east, south) of its nodes from the middle of its plot, metres; closed for areas."""
    if kind.form in ("point", "street point", "path point"):
        return [(0.0, 0.0)]
    if kind.form == "line":
        return [(-24.0, -5.0), (0.0, 2.0), (24.0, 5.0)]
    wide, deep = (8.0, 6.0) if kind.form == "house" else (24.0, 16.0)
    corners = [(-wide, -deep), (wide, -deep), (wide, deep), (-wide, deep)]
    return [*corners, corners[0]]


class _Town:
    """Nodes and ways of an extract, as they are added."""

    def __init__(self) -> None:
        self._to_degrees = Transformer.from_crs("EPSG:3006", "EPSG:4326", always_xy=True)
        self.nodes: list[str] = []
        self.ways: list[str] = []

    def node(self, east: float, south: float, tags: dict[str, str]) -> int:
        lon, lat = self._to_degrees.transform(ORIGIN[0] + east, ORIGIN[1] - south)
        number = len(self.nodes) + 1
        self.nodes.append(
            f'<node id="{number}" lat="{lat:.9f}" lon="{lon:.9f}" version="1">{_tags(tags)}</node>'
        )
        return number

    def way(self, nodes: list[int], tags: dict[str, str]) -> None:
        refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
        number = len(self.ways) + 1
        self.ways.append(f'<way id="{number}" version="1">{refs}{_tags(tags)}</way>')


def _tags(tags: dict[str, str]) -> str:
    return "".join(f"<tag k={quoteattr(key)} v={quoteattr(tags[key])}/>" for key in tags)


def _add(town: _Town, kind: Kind, things: bool) -> None:
    x, z = kind.middle
    if kind.form in CARRIER:
        ends = [town.node(x + off, z, {}) for off in (-30.0, 30.0)]
        middle = town.node(x, z, kind.tags if things else {})
        town.way([ends[0], middle, ends[1]], tags_of(CARRIER[kind.form]))
        return
    if not things:
        return
    places = [(x + east, z + south) for east, south in _shape(kind)]
    if kind.form == "point":
        town.node(*places[0], kind.tags)
        return
    closed = places[0] == places[-1]
    nodes = [town.node(*place, {}) for place in (places[:-1] if closed else places)]
    town.way([*nodes, nodes[0]] if closed else nodes, kind.tags)


def write_town(path: Path, kinds: list[Kind], things: bool) -> None:
    """Writes the extract of the town, `.osm`, with its things or without them."""
    town = _Town()
    for kind in kinds:
        _add(town, kind, things)
    body = "\n".join([*town.nodes, *town.ways])
    path.write_text(f'<osm version="0.6" generator="test">\n{body}\n</osm>\n', "utf-8")


def write_config(folder: Path, kinds: list[Kind], things: bool) -> Path:
    """A configuration of the town beside its extract."""
    folder.mkdir(parents=True, exist_ok=True)
    write_town(folder / "town.osm", kinds, things)
    rows = -(-len(kinds) // ACROSS)
    bounds = [ORIGIN[0], ORIGIN[1] - rows * PLOT, ORIGIN[0] + ACROSS * PLOT, ORIGIN[1]]
    config = folder / "city.toml"
    config.write_text(
        f"""
[city]
name = "Slagen"
crs = "EPSG:3006"
origin = [{ORIGIN[0]}, {ORIGIN[1]}]
[area]
bounds = {bounds}
[osm]
extract = "town.osm"
[terrain]
flat_m = 10.0
[world]
java_version = "26.3"
""",
        "utf-8",
    )
    return config
