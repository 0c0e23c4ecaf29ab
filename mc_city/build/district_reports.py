"""One report of an area that was read in districts. Counts add up, and what lies on the border of
two districts is in both."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from mc_city.build.report import area_report
from mc_city.checking.ideas import merged_ideas
from mc_city.city.districts import Area
from mc_city.city.whole import Whole
from mc_city.reports import CityReport, PlansReport
from mc_city.site.sources import cut_themes, empty_themes, sources_report

OWN_RULE: dict[str, Callable[[Any, Any], Any]] = {
    "lowest_m": min,
    "highest_m": max,
    "flat_m": min,
    "error_m": max,
    "points": max,
    "cell_m": max,
    "foot_y": min,
}
"""Of numbers that do not add up."""
NAMED_BY = {"clouds": ("file",), "standing": ("name", "file", "at"), "rasters": ("file",)}
"""Lists whose entries are told apart by some of their keys: the others are merged, or, where they
do not differ by district, the first stands."""
COUNTED = ("clouds",)


def _both(key: str, one: Any, other: Any) -> Any:
    """What two districts say under a key."""
    if one is None or other is None:
        return other if one is None else one
    if isinstance(one, dict):
        return {
            name: _both(name, one[name], other[name])
            if name in one and name in other
            else one.get(name, other.get(name))
            for name in dict.fromkeys([*one, *other])
        }
    if isinstance(one, list):
        return _lists(key, one, other)
    if isinstance(one, bool | str):
        return one or other
    return OWN_RULE.get(key, lambda first, second: first + second)(one, other)


def _lists(key: str, one: list[Any], other: list[Any]) -> list[Any]:
    names = NAMED_BY.get(key)
    if names is None:
        return one + [entry for entry in other if entry not in one]
    merged = {tuple(str(entry[name]) for name in names): entry for entry in one}
    for entry in other:
        place = tuple(str(entry[name]) for name in names)
        known = merged.get(place, entry)
        merged[place] = _both("", known, entry) if key in COUNTED and known is not entry else known
    return list(merged.values())


def report_of(area: Area, districts: Sequence[CityReport], runs: NDArray[np.float64]) -> CityReport:
    """The report of an area by those of its districts. runs: of their streets, if there are more
    than one."""
    return districts[0] if area.whole is None else merged_report(area.whole, districts, runs)


def merged_report(
    whole: Whole, districts: Sequence[CityReport], runs: NDArray[np.float64]
) -> CityReport:
    """The report of what was read in districts."""
    found: Any = districts[0]
    for report in districts[1:]:
        found = _both("", found, report)
    grid, developments = whole.config.grid, whole.developments
    plans = cast(PlansReport, found["plans"])
    first = districts[0]["plans"]
    plots = {"class_plots": districts[0]["class_plots"]} if "class_plots" in districts[0] else {}
    return cast(
        CityReport,
        {
            **found,
            **plots,
            "area": area_report(grid, whole.config, runs),
            "sources": sources_report(whole.seen),
            "empty": empty_themes(whole.seen, whole.config.city.crs),
            "cut": cut_themes(whole.seen),
            "plans": {
                **plans,
                **({"detaljplaner": first["detaljplaner"]} if "detaljplaner" in first else {}),
                **(
                    {"ideas": merged_ideas([each["plans"]["ideas"] for each in districts])}
                    if "ideas" in first
                    else {}
                ),
                "features": {role: len(each) for role, each in developments.roles.items()},
                "skipped": first["skipped"],
                "notes": {
                    note: max(report["plans"]["notes"].get(note, 0) for report in districts)
                    for note in sorted(plans["notes"])
                },
            },
        },
    )
