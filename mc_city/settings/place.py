"""Who a city is, and where: the sections [city] and [area] of a configuration."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from mc_city.settings.mistakes import SettingError
from mc_city.settings.sections import CrsText, Section
from worlds.names import fault_of_name, near_name
from worlds.words import languages

ALIASES = {
    "nb": "no",
    "nn": "no",
    "swe": "sv",
    "eng": "en",
    "fin": "fi",
    "nor": "no",
    "dan": "da",
    "deu": "de",
    "fra": "fr",
    "spa": "es",
    "nld": "nl",
}
"""Other codes of languages that have words."""
WRITTEN_BESIDE = ("map.png", "report.json", "attribution.txt")
"""What a build writes beside the folder that is called as the city."""


class City(Section):
    """turn_deg: degrees clockwise by which the block grid is turned about the origin, against the
    north of the CRS."""

    name: str
    crs: CrsText
    origin: tuple[float, float]
    turn_deg: float = Field(0.0, ge=-180.0, le=180.0, allow_inf_nan=False)
    language: str = "sv"

    @field_validator("language")
    @classmethod
    def _is_a_code(cls, value: str) -> str:
        code = re.split("[-_]", value.strip().lower())[0]
        if not re.fullmatch("[a-z]{2,3}", code):
            known = ", ".join(languages())
            hint = f'as in language = "sv"; those with words of their own: {known}'
            raise SettingError("a language is named by its two letters", hint=hint)
        return ALIASES.get(code, code)

    @field_validator("name")
    @classmethod
    def _can_be_a_file(cls, value: str) -> str:
        fault = (
            "is the name of another file beside the world"
            if value.casefold() in WRITTEN_BESIDE
            else fault_of_name(value)
        )
        if fault:
            better = near_name(
                value.partition(".")[0] if value.casefold() in WRITTEN_BESIDE else value
            )
            raise SettingError(
                f"this name {fault}; files and folders are called so",
                hint=f'write another one, such as name = "{better}"',
            )
        return value


class Area(Section):
    bounds: tuple[float, float, float, float]
    scale: float = Field(1.0, gt=0.0, le=16.0)
