"""Settings of heights: what they are counted from, and where they lie in a world."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from mc_city.settings.mistakes import SettingError
from mc_city.settings.sections import Section, numbers_are_epsg
from terrain.rasters.datums import datum_of, is_ellipsoidal
from worlds.java.dimension import HIGHEST_Y, LOWEST_Y, is_raised, raised
from worlds.java.versions import NEWEST, JavaVersion

LEVEL = 10_000
"""How far from y 0 height 0 may lie: more than from any land of the earth."""


def _is_datum(value: str) -> str:
    try:
        datum_of(value)
    except ValueError as error:
        raise SettingError(str(error), hint='write it as datum = "RH 2000"') from error
    return value


DatumText = Annotated[str, BeforeValidator(numbers_are_epsg), AfterValidator(_is_datum)]


def _is_above_the_sea(value: str) -> str:
    if is_ellipsoidal(datum_of(value)):
        raise SettingError(
            "a city counts from the level of the sea, not from the ellipsoid",
            hint='write datum = "ellipsoid" where the file is named, and here what it is brought '
            'to, as in datum = "RH 2000"',
        )
    return value


class CountedHeights(Section):
    """datum: what heights are counted from, when the file does not say it or says it wrong;
    shift_m: what to add to them for those of the city."""

    datum: DatumText | None = None
    shift_m: float | None = Field(None, ge=-200.0, le=200.0)


class Vertical(Section):
    """datum: what the city's heights are counted from, where neither its CRS nor its elevation
    says; java_bottom, java_top: the lowest and the highest block of a Java world, where the usual
    ones do not hold the city."""

    datum: Annotated[DatumText, AfterValidator(_is_above_the_sea)] | None = None
    sea_level_y: int = Field(62, ge=-LEVEL, le=LEVEL)
    scale: float = Field(1.0, gt=0.0, le=16.0)
    java_bottom: int = JavaVersion.min_y
    java_top: int = JavaVersion.max_y

    @model_validator(mode="after")
    def _are_heights_of_a_world(self) -> Vertical:
        try:
            raised(NEWEST, self.java_bottom, self.java_top)
        except ValueError as error:
            top = min(max(-(-(self.java_top + 1) // 16) * 16 - 1, JavaVersion.max_y), HIGHEST_Y)
            bottom = max(min(self.java_bottom // 16 * 16, JavaVersion.min_y), LOWEST_Y)
            raise SettingError(
                str(error), hint=f"write java_bottom = {bottom} and java_top = {top}"
            ) from error
        return self

    @property
    def raises_java(self) -> bool:
        return is_raised(raised(NEWEST, self.java_bottom, self.java_top))
