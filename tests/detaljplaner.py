"""Hand-written detaljplaner as Lantmäteriet's v4 schema has them: no geometry of their own, places
listed in the properties. Metres east and north of the small city's origin."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.conftest import ORIGIN, write_city

MEDIA = "application/vnd.lm.detaljplan.v4+json"
RIDGE, RIDGE_DATUM, TOTAL_DATUM, STOREYS, DISTANCE, STEEPEST = (
    "ee5f8de3-89b0-479a-a5cb-7439d40623e8",
    "912a1a73-ad9d-418d-9ffd-19ecb2cc9c7f",
    "d40b2afb-55ce-4882-b785-9a854be62feb",
    "d1f3a149-c107-4b4f-8304-bdd98e609467",
    "c9a54186-c6df-430f-91a3-0cae757273ec",
    "411d8c8f-2356-4a24-a342-4777592555f6",
)
"""Numbers of provisions in Boverket's catalogue."""
WHOLE = (-30.0, -30.0, 30.0, 30.0)


def place(
    west: float, south: float, east: float, north: float, crs: str | None = "EPSG:3006", **more: Any
) -> list[dict[str, Any]]:
    """A list of one geometry, a rectangle."""
    x, y = ORIGIN
    ring = [(west, south), (east, south), (east, north), (west, north), (west, south)]
    position = {"type": "Polygon", "coordinates": [[[x + right, y + up] for right, up in ring]]}
    held = {"typ": "yta", "dimension": 2, "position": position, "koordinatsystemPlan": crs, **more}
    return [{"geometri": {key: value for key, value in held.items() if value is not None}}]


def entry(**properties: Any) -> dict[str, Any]:
    named = {("feature:typ" if key == "typ_" else key): one for key, one in properties.items()}
    return {"type": "Feature", "geometry": None, "properties": named}


def plan(key: str = "plan-1", **more: Any) -> dict[str, Any]:
    facts = {
        "objektidentitet": key,
        "namn": "Kv Väktaren",
        "beteckning": "DP 12",
        "status": "laga kraft",
        "plangeometri": place(*WHOLE),
        "beslutsinformation": [{"datumLagakraft": ["2019-03-12"], "datumAntagande": "2018-12-01"}],
    }
    return entry(typ_="detaljplan", **{**facts, **more})


def use(box: tuple[float, ...] = WHOLE, words: str = "Bostäder", key: str = "plan-1") -> Any:
    return entry(
        typ_="användningsbestämmelse",
        detaljplan=key,
        planbestammelsekatalogreferens="00000000-0000-4000-8000-000000000000",
        bestammelseformulering=words,
        bestammelsegeometri=place(*box),
    )


def provision(
    words: str,
    *values: Any,
    number: str = "",
    box: tuple[float, ...] = WHOLE,
    key: str = "plan-1",
    unit: str = "meter",
    **more: Any,
) -> dict[str, Any]:
    told = [{"datatyp": "decimaltal", "variabelvarde": one, "enhet": unit} for one in values]
    return entry(
        typ_="egenskapsbestämmelse",
        detaljplan=key,
        planbestammelsekatalogreferens=number or "11111111-1111-4111-8111-111111111111",
        bestammelseformulering=words,
        bestammelsevarde=told,
        bestammelsegeometri=place(*box, **more),
    )


def write_v4(path: Path, *features: dict[str, Any]) -> Path:
    whole = {"type": "FeatureCollection", "feature:mediatyp": MEDIA, "features": list(features)}
    path.write_text(json.dumps(whole, ensure_ascii=False), "utf-8")
    return path


def write_city_with_plans(folder: Path, *features: dict[str, Any], setting: str = "") -> Path:
    """The small city with one file of plans; returns its configuration."""
    written = setting or '"plan.json"'
    config = write_city(folder, f"[plans]\ndetaljplaner = {written}")
    write_v4(folder / "plan.json", *features)
    return config
