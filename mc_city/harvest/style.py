"""How proposals look in QGIS: a colour for each kind, a number on each, as its QML writes it."""

from __future__ import annotations

from collections.abc import Mapping

from mc_city.harvest.saying import COLOURS, KINDS
from worlds.quoting import html_text

PATTERNS: Mapping[str, str] = {"demolition": "b_diagonal", "tunnel": "dense5", "water": "solid"}
"""Fills of kinds that are told apart without colours; the others are solid."""
ALIASES = (
    ("number", "Nummer"), ("title", "Namn"), ("build", "Bygg så här"), ("layer", "Lager"),
    ("variant", "Variant"), ("kind_sv", "Slag"), ("confidence", "Säkerhet 0–1"),
    ("school_class", "Klass"), ("pupil", "Elevkod"), ("words", "Skyltar och böcker"),
    ("height_m", "Höjd (m)"), ("top_m", "Överkant (m)"), ("bottom_m", "Underkant (m)"),
    ("ground_m", "Mark (m)"), ("area_m2", "Yta (m²)"), ("volume_m3", "Volym (m³)"),
    ("floors", "Våningar"), ("added", "Block tillagda"), ("removed", "Block borttagna"),
    ("replaced", "Block utbytta"), ("materials", "Material"), ("colours", "Färger"),
    ("developments", "Planerat område"), ("over_plan_m", "Över planen (m)"),
)  # fmt: skip

BUILD = (("", "som barnen byggt"), ("volym", "som enkel volym"), ("nej", "inte"))
"""What is offered in the column `build`: what stands there, and what it means."""


def _offered() -> str:
    """The list from which one chooses in the column `build`."""
    entries = "".join(
        f'<Option type="Map"><Option type="QString" name="{html_text(said)}" value="{value}"/>'
        "</Option>"
        for value, said in BUILD
    )
    return (
        '<fieldConfiguration><field name="build"><editWidget type="ValueMap"><config>'
        f'<Option type="Map"><Option type="List" name="map">{entries}</Option></Option>'
        "</config></editWidget></field></fieldConfiguration>"
    )


def _options(values: Mapping[str, str]) -> str:
    """The properties of a symbol, in the form of QGIS 3.20 and later and in the older one."""
    new = "".join(
        f'<Option type="QString" name="{name}" value="{html_text(value)}"/>'
        for name, value in values.items()
    )
    old = "".join(f'<prop k="{name}" v="{html_text(value)}"/>' for name, value in values.items())
    return f'<Option type="Map">{new}</Option>{old}'


def _symbol(number: int, kind: str, colour: tuple[int, int, int]) -> str:
    red, green, blue = colour
    inside = _options(
        {
            "color": f"{red},{green},{blue},110",
            "outline_color": f"{red * 3 // 5},{green * 3 // 5},{blue * 3 // 5},255",
            "outline_style": "dash" if kind in ("tunnel", "demolition") else "solid",
            "outline_width": "0.5",
            "outline_width_unit": "MM",
            "style": PATTERNS.get(kind, "solid"),
            "joinstyle": "bevel",
        }
    )
    return (
        f'<symbol type="fill" name="{number}" alpha="1" clip_to_extent="1" force_rhr="0">'
        f'<layer class="SimpleFill" enabled="1" locked="0" pass="0">{inside}</layer></symbol>'
    )


def style_qml() -> str:
    """A style of QGIS 3 as it stands in a GeoPackage's `layer_styles`: categories by `kind`, labels
    by `number`, columns with Swedish names."""
    kinds = list(KINDS)
    categories = "".join(
        f'<category value="{kind}" symbol="{number}" type="string" render="true" '
        f'label="{html_text(f"{KINDS[kind].swedish} / {KINDS[kind].english}")}"/>'
        for number, kind in enumerate(kinds)
    )
    symbols = "".join(_symbol(number, kind, COLOURS[kind]) for number, kind in enumerate(kinds))
    label = (
        '<labeling type="simple"><settings calloutType="simple">'
        '<text-style fieldName="number" isExpression="0" fontFamily="Sans Serif" fontSize="10" '
        'fontSizeUnit="Point" fontWeight="75" namedStyle="Bold" textColor="20,20,20,255" '
        'textOpacity="1">'
        '<text-buffer bufferDraw="1" bufferSize="1" bufferSizeUnits="MM" '
        'bufferColor="255,255,255,255" bufferOpacity="1"/></text-style>'
        '<placement placement="1" centroidInside="1" centroidWhole="1" polygonPlacementFlags="2"/>'
        '<rendering obstacle="1" drawLabels="1" scaleVisibility="0" displayAll="0"/>'
        "</settings></labeling>"
    )
    aliases = "".join(
        f'<alias field="{field}" index="{number}" name="{html_text(name)}"/>'
        for number, (field, name) in enumerate(ALIASES)
    )
    return (
        "<!DOCTYPE qgis PUBLIC 'http://mrcc.com/qgis.dtd' 'SYSTEM'>\n"
        '<qgis version="3.22.0" styleCategories="Symbology|Labeling|Fields|Forms" '
        'labelsEnabled="1">'
        '<renderer-v2 type="categorizedSymbol" attr="kind" symbollevels="0" enableorderby="0" '
        'forceraster="0">'
        f"<categories>{categories}</categories><symbols>{symbols}</symbols>"
        "<rotation/><sizescale/></renderer-v2>"
        f"{label}<blendMode>0</blendMode><featureBlendMode>0</featureBlendMode>"
        f"<layerOpacity>1</layerOpacity>{_offered()}<aliases>{aliases}</aliases></qgis>"
    )
