"""What every section of a configuration is, and paths in it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationInfo

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


class Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
