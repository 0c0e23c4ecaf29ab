"""What every section of a configuration is, and paths in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, get_args

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    ValidationInfo,
    field_validator,
)
from pyproj import CRS
from pyproj.exceptions import CRSError

from mc_city.settings.mistakes import SettingError, require_plain_path
from terrain.files.kinds import is_readable


def _beside_configuration(path: Path, info: ValidationInfo) -> Path:
    """Paths are relative to the folder of the configuration that names them."""
    require_plain_path(path)
    try:
        found = (info.context["folder"] / path.expanduser()).resolve() if info.context else path
        if found.exists() and not is_readable(found):
            raise SettingError(
                f"{found} is a pipe or a device",
                hint="name a file; reading such a thing may never end",
            )
        return found
    except RuntimeError as error:
        raise SettingError(
            "nobody on this machine is called so", hint="write the whole path instead of ~"
        ) from error
    except OSError as error:
        raise SettingError(
            f"{str(path)[:80]} … cannot be looked for: {error.strerror}",
            hint="write the path of a file",
        ) from error


LocalPath = Annotated[Path, AfterValidator(_beside_configuration)]


def _kinds(annotation: Any) -> set[Any]:
    """Every type in an annotation, also inside of others."""
    return {annotation}.union(*(_kinds(one) for one in get_args(annotation)))


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")

    @field_validator("*", mode="before")
    @classmethod
    def _true_is_no_number(cls, value: Any, info: ValidationInfo) -> Any:
        """Python takes true for 1."""
        if not isinstance(value, bool):
            return value
        kinds = _kinds(cls.model_fields[info.field_name or ""].annotation)
        if kinds & {int, float} and not kinds & {bool, Any}:
            raise SettingError(
                "it takes neither true nor false",
                hint="write the value itself, or leave the key out",
            )
        return value


def numbers_are_epsg(value: Any) -> Any:
    """3006 and "3006" as "EPSG:3006"; anything else as it is."""
    if isinstance(value, int) and not isinstance(value, bool):
        return f"EPSG:{value}"
    return f"EPSG:{value.strip()}" if isinstance(value, str) and value.strip().isdigit() else value


def _is_known_crs(value: str) -> str:
    try:
        CRS.from_user_input(value)
    except CRSError as error:
        raise SettingError(
            "not a known CRS",
            hint='write it as crs = "EPSG:3006"; https://epsg.io finds the number',
        ) from error
    return value


CrsText = Annotated[str, BeforeValidator(numbers_are_epsg), AfterValidator(_is_known_crs)]
