"""What `[class] plots` says: a file of polygons, or a grid of squares on a development or at a
place."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, model_validator

from mc_city.settings.mistakes import SettingError
from mc_city.settings.sections import CrsText, LocalPath, Section
from terrain.files.vectors import vector_paths
from worlds.notes import MOST_PLOTS, WIDEST_PLOT

LEAST = 4
"""Columns along one side of a plot, at least: corner posts, and something between them."""
OF_FILES = ("layer", "where", "encoding", "crs", "swap_axes")
OF_GRIDS = ("variant", "size", "gap", "count", "rows", "columns")


def _text_as_list(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


class Plots(Section):
    """path and the five after it: of a file of polygons, as of any other source. on: a development,
    in whose place squares are laid, of one `variant` where it has several; at: the middle of a grid
    of squares. size, gap: of a square and between two, in blocks; count: how many, or rows and
    columns; shown: the options of developments that are shown while one builds, None shown: the
    city of today."""

    path: LocalPath | None = None
    layer: str | None = None
    where: str | None = None
    encoding: str | None = None
    crs: CrsText | None = None
    swap_axes: bool = False
    on: str = ""
    variant: str = ""
    at: tuple[float, float] | None = None
    size: int = Field(16, ge=LEAST, le=WIDEST_PLOT)
    gap: int = Field(3, ge=0, le=64)
    count: int | None = Field(None, ge=1, le=MOST_PLOTS)
    rows: int | None = Field(None, ge=1, le=MOST_PLOTS)
    columns: int | None = Field(None, ge=1, le=MOST_PLOTS)
    shown: Annotated[tuple[str, ...], BeforeValidator(_text_as_list)] = ()

    @model_validator(mode="after")
    def _is_one_of_three(self) -> Plots:
        ways = [name for name in ("path", "on", "at") if getattr(self, name)]
        if len(ways) != 1:
            raise SettingError(
                f"{' and '.join(ways)} at once" if ways else "nothing says where the plots are",
                hint='write plots = "plots.geojson" under [class], or under [class.plots] either '
                'on = "norra_kajen" or at = [619250, 6919812]',
            )
        others = OF_GRIDS if self.path else OF_FILES
        if self.at is not None:
            others = (*others, "variant")
        strange = [name for name in others if name in self.model_fields_set]
        if strange:
            raise SettingError(
                f"{strange[0]} says nothing of plots by {ways[0]}", hint="leave that key out"
            )
        self._require_a_number()
        return self

    def _require_a_number(self) -> None:
        rows, columns = self.rows, self.columns
        if (rows is None) != (columns is None):
            raise SettingError(
                "a grid has rows and columns", hint="write both, as in rows = 2, columns = 6"
            )
        if rows is not None and self.count is not None:
            raise SettingError("count, and rows with columns", hint="write one of them")
        if rows is not None and columns is not None and rows * columns > MOST_PLOTS:
            raise SettingError(
                f"{rows * columns} plots, and at most {MOST_PLOTS} are possible",
                hint="write fewer rows or columns",
            )
        if self.at is not None and rows is None and self.count is None:
            raise SettingError(
                "nothing says how many", hint="write count = 12, or rows = 2, columns = 6"
            )

    @property
    def files(self) -> tuple[Plots, ...]:
        """One for each file that a pattern or folder means; none where there are no files."""
        paths = () if self.path is None else vector_paths(self.path)
        return tuple(self.model_copy(update={"path": path}) for path in paths)

    @property
    def grid(self) -> tuple[int, int]:
        """(rows, columns) of a grid, as nearly square as its count allows; (0, 0) for as many as
        there is room for."""
        if self.rows is not None and self.columns is not None:
            return self.rows, self.columns
        if self.count is None:
            return 0, 0
        columns = next(side for side in range(1, MOST_PLOTS + 1) if side * side >= self.count)
        return -(-self.count // columns), columns

    @property
    def wished(self) -> int | None:
        """How many plots of a grid there are to be; None for as many as there is room for."""
        rows, columns = self.grid
        return self.count if self.count is not None else rows * columns or None


def as_plots(value: Any) -> Any:
    """The path of a file alone as the table that says the same."""
    if isinstance(value, str) and not value.strip():
        raise SettingError("names no file", hint="write the path of a file, or leave this key out")
    return {"path": value} if isinstance(value, str) else value


OnePlots = Annotated[Plots, BeforeValidator(as_plots)]
