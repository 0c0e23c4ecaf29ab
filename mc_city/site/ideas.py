"""What classes built, as `mc-city harvest` wrote it down: each proposal a feature of the plans,
kept block for block or simplified to a volume.

The table is edited by people and the blocks come from worlds of children: all of it is untrusted.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from pyproj import CRS
from pyproj.exceptions import CRSError

from buildings.developments.developments import LONGEST_ID, require_layer
from buildings.sources.heights import parse_number
from mc_city.settings.config import Config
from terrain.frame import Frame, Grid
from terrain.plane import crs_text, in_city, turn_of
from terrain.vectors.features import Features, VectorSource, read_features
from worlds.block_names import is_known
from worlds.default_states import completed
from worlds.errors import SourceError, WorldError
from worlds.java.kept_blocks import Kept, read_blocks
from worlds.java.versions import NEWEST
from worlds.notes import FrameNote
from worlds.quoting import plain
from worlds.state_values import property_values
from worlds.volume import AIR, BlockState

LAYER = "ideas"
NEEDED = ("id", "kind")
MOST_ROWS = 5000
MOST_TOGETHER = 20_000_000
"""Blocks of all proposals, which are held while a city is built."""
BLOCKS, VOLUME, NOT = "blocks", "volume", "no"
BUILD_WORDS = {
    BLOCKS: ("", "blocks", "block", "yes", "ja", "true", "1"),
    VOLUME: ("volume", "volym", "volymer", "volumes"),
    NOT: ("no", "nej", "none", "inte", "false", "0"),
}
"""What may stand in the column `build`, in English and Swedish; nothing = block for block."""
BUILDINGS = ("house", "tower")
SURFACES = {"park": "park", "playground": "playground", "path": "gravel"}
"""Kinds whose volume is a surface. Water is water; the others have no volume that says more than
their blocks do."""
LETTERS, TEXTS = 200, 20
"""Of one text of a sign on the board, and how many of them."""
TITLE, NAME, LINE = 100, 60, 60
NEAR = 2
"""Columns between the proposals of two worlds from which on both cannot be shown."""
OWN_NAMES = {new: old for old, new in NEWEST.renamed.items()}


@dataclass(frozen=True, kw_only=True, eq=False)
class KeptShape:
    """The blocks of a proposal in this city's frame. x, y, z: (n,) int32; state: (n,) int32,
    numbers of `states`; signs: the lines of those that say something, by their place."""

    x: NDArray[np.int32]
    y: NDArray[np.int32]
    z: NDArray[np.int32]
    state: NDArray[np.int32]
    states: tuple[BlockState, ...]
    signs: Mapping[tuple[int, int, int], tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.x)


@dataclass(frozen=True, kw_only=True, eq=False)
class Idea:
    """A proposal that is a layer, or an option of one. number: in its harvest; built: `blocks` or
    `volume`; sender: who built it, as the harvest calls them; shape: what it covers, in the city's
    CRS; left_out: blocks that cannot be set, by reason."""

    id: str
    number: str
    title: str
    title_en: str
    kind: str
    kind_sv: str
    school_class: str
    words: tuple[str, ...]
    layer: str
    variant: str
    built: str
    sender: str
    shape: Any
    facts: Mapping[str, Any]
    kept: KeptShape | None = None
    left_out: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True, kw_only=True, eq=False)
class Ideas:
    """All proposals that are built, in the order of their files; skipped: the others, with the
    reason; notes: what is to be said of them."""

    ideas: tuple[Idea, ...] = ()
    skipped: Counter[str] = field(default_factory=Counter)
    notes: Counter[str] = field(default_factory=Counter)

    def __len__(self) -> int:
        return len(self.ideas)

    @property
    def states(self) -> tuple[BlockState, ...]:
        """Every state that any of them has."""
        kept = (idea.kept.states for idea in self.ideas if idea.kept is not None)
        return tuple(dict.fromkeys(state for states in kept for state in states))


NO_IDEAS = Ideas()


def short(value: Any, letters: int = LETTERS) -> str:
    """A value of somebody's table as one line of at most so many letters."""
    if value is None or value != value:
        return ""
    text = plain(str(value)[: 4 * letters + 64]).strip()
    return text if len(text) <= letters else text[: letters - 1].rstrip() + "…"


def _slug(text: str) -> str:
    letters = text.lower().translate(str.maketrans("åäöéü", "aaoeu"))
    return re.sub(r"[^a-z0-9]+", "_", letters).strip("_")


def _free(name: str, taken: set[str]) -> str:
    """An id that nothing has yet; it joins those taken."""
    first = name[: LONGEST_ID - 4].rstrip("_")
    found, number = first, 1
    while found in taken:
        number += 1
        found = f"{first}_{number}"
    taken.add(found)
    return found


def _wanted(value: Any, what: str, path: Path) -> str:
    said = short(value).lower()
    for meant, words in BUILD_WORDS.items():
        if said in words:
            return meant
    raise SourceError(
        f"{path}: {what} has {said[:40]!r} in its column build",
        hint="write blocks, volume or no there (block, volym, nej), or nothing",
    )


def _rows(path: Path, config: Config) -> tuple[Features, list[dict[str, Any]]]:
    source = VectorSource(path, LAYER)
    features = read_features(source, config.frame.crs, None, "polygon")
    lacking = [name for name in NEEDED if name not in features.columns]
    if lacking or len(features.geometry) > MOST_ROWS:
        what = f"no column {lacking[0]}" if lacking else f"more than {MOST_ROWS} rows"
        raise SourceError(
            f"{path}: {what} in its layer {LAYER}",
            hint="name the ideas.gpkg that mc-city harvest wrote",
        )
    rows = [
        {name: column[row] for name, column in features.columns.items()}
        for row in range(len(features.geometry))
    ]
    return features, rows


def shift_of(frame: FrameNote | None, own: Frame, path: Path) -> tuple[int, int, int]:
    """(x, y, z) in blocks from places of a world to the same places in this city's. SourceError
    where its blocks do not lie along this city's."""
    hint = "write volume in the column build, which fits any frame, or build with that frame"
    if frame is None:
        raise SourceError(
            f"{path}: its blocks do not say in which frame they stand",
            hint="harvest the returned worlds again, or write volume in the column build",
        )
    try:
        one_crs = CRS.from_user_input(frame.crs).equals(
            CRS.from_user_input(crs_text(own.crs)), ignore_axis_order=True
        )
    except CRSError:
        one_crs = False
    same = (frame.blocks_per_metre, frame.vertical_scale, frame.turn_deg) == (
        own.scale,
        own.vertical_scale,
        turn_of(own.crs),
    )
    if not (one_crs and same):
        raise SourceError(
            f"{path}: its blocks were built in a world of another CRS, turn or scale", hint=hint
        )
    # Planes that are turned alike about two points differ by a shift alone.
    x, z = (float(value) for value in own.to_blocks(*in_city(own.crs, *frame.origin)))
    right, down = round(x), round(z)
    if max(abs(x - right), abs(z - down)) > 1e-3:
        raise SourceError(
            f"{path}: its blocks were built from an origin that lies a part of a block aside",
            hint=hint,
        )
    return right, own.sea_level_y - frame.sea_level_y, down


def own_state(state: BlockState) -> BlockState | None:
    """A state of a file as ours, with all its properties and no others; None for a block that is
    not known."""
    # The tables of properties are of the newest names.
    name = NEWEST.renamed.get(state.name, state.name)
    if not is_known(name) or not name.startswith("minecraft:"):
        return None
    own = name.removeprefix("minecraft:")
    known = [pair for pair in state.properties if pair[1] in property_values(own, pair[0])]
    return BlockState(OWN_NAMES.get(name, name), completed(name, tuple(known)).properties)


def _in_city(
    kept: Kept, shift: tuple[int, int, int], grid: Grid, levels: tuple[int, int]
) -> tuple[KeptShape, Counter[str]]:
    """The blocks that this city can hold, each place once, and those that it cannot, by reason."""
    left_out: Counter[str] = Counter()
    x, y, z = (
        axis.astype(np.int64) + by for axis, by in zip((kept.x, kept.y, kept.z), shift, strict=True)
    )
    own = [own_state(state) for state in kept.states]
    names = tuple(dict.fromkeys(state for state in own if state is not None)) or (AIR,)
    number = {state: place for place, state in enumerate(names)}
    table = np.array([-1 if state is None else number[state] for state in own], np.int32)
    state = table[kept.after]
    good = np.ones(len(x), bool)
    for bad, reason in (
        (state < 0, "of a kind that this version does not know"),
        (
            (x < grid.x0) | (x >= grid.x0 + grid.nx) | (z < grid.z0) | (z >= grid.z0 + grid.nz),
            "outside the area",
        ),
        ((y < levels[0]) | (y > levels[1]), "above or below the world"),
    ):
        count = int((bad & good).sum())
        left_out.update({reason: count} if count else {})
        good &= ~bad
    rows = np.flatnonzero(good)
    # Of a place that a file names twice the last counts.
    places = np.stack([y[rows], z[rows], x[rows]], axis=1)[::-1]
    _, first = np.unique(places, axis=0, return_index=True)
    rows = rows[::-1][first]
    shape = KeptShape(
        x=x[rows].astype(np.int32), y=y[rows].astype(np.int32), z=z[rows].astype(np.int32),
        state=state[rows], states=names,
        signs={
            (one.at[0] + shift[0], one.at[1] + shift[1], one.at[2] + shift[2]): tuple(
                line[:LINE] for line in one.lines
            )
            for one in kept.signs
        },
    )  # fmt: skip
    return shape, left_out


def covered(x: NDArray[np.int32], z: NDArray[np.int32], frame: Frame) -> Any:
    """The polygon of some columns, in the city's CRS."""
    columns = np.unique(np.stack([z, x], axis=1).astype(np.int64), axis=0)
    breaks = (np.diff(columns[:, 0]) != 0) | (np.diff(columns[:, 1]) != 1)
    first = np.flatnonzero(np.r_[True, breaks])
    last = np.r_[first[1:] - 1, len(columns) - 1]
    west, north = frame.to_city(columns[first, 1].astype(float), columns[first, 0].astype(float))
    east, south = frame.to_city(columns[last, 1] + 1.0, columns[last, 0] + 1.0)
    return shapely.union_all(shapely.box(west, south, east, north))


def title_of(kind: str, number: int | str, school_class: str, of: str = "klass") -> str:
    """What a proposal is called until somebody names it, as in `Torn 7, klass 4b`: so it is found
    on the report's map. of: the word for a class."""
    name = re.sub(r"^(klass|class)\s*", "", school_class, flags=re.I)
    return f"{kind.capitalize()} {number}".strip() + (f", {of} {name}" if name else "")


def _titles(row: Mapping[str, Any], number: str, kind: str) -> tuple[str, str]:
    """(what it is called in the city's language, in English, empty where a person named it)."""
    school_class = _class(row)
    own = title_of(short(row.get("kind_sv"), NAME) or kind, number, school_class)
    english = title_of(kind, number, school_class, "class")
    title = short(row.get("title"), TITLE)
    return title or own, english if title in ("", own) else ""


def _class(row: Mapping[str, Any]) -> str:
    return re.sub(r"^(klass|class)\s*", "", short(row.get("school_class"), NAME), flags=re.I)


def _sender(own_id: str, file: int) -> str:
    """Whose world it was built in: all but the last part of its id. file: which of the harvests; of
    two, nobody knows whether a code is of the same pupil."""
    sender = own_id.rpartition("-")[0] or own_id
    return f"{sender}_{file + 1}" if file else sender


def _whole(value: Any) -> str:
    number = parse_number(value)
    return "" if number is None else f"{number:.0f}"


def _idea(row: Mapping[str, Any], shape: Any, path: Path, file: int) -> Idea:
    own_id, kind = short(row["id"], NAME), short(row["kind"], NAME).lower() or "other"
    number = _whole(row.get("number"))
    built = _wanted(row.get("build"), f"proposal {own_id}", path)
    layer, variant = short(row.get("layer"), 2 * NAME), short(row.get("variant"), 2 * NAME)
    if variant and not layer:
        raise SourceError(
            f"{path}: proposal {own_id} has a variant and no layer",
            hint="write in its column layer which one it is a variant of, as in torget",
        )
    if layer:
        require_layer(layer, variant, path)
    title, english = _titles(row, number, kind)
    said = [short(part) for part in str(row.get("words") or "")[: 4 * LETTERS * TEXTS].split("|")]
    return Idea(
        id=own_id,
        number=number,
        title=title,
        title_en=english,
        kind=kind,
        kind_sv=short(row.get("kind_sv"), NAME).lower() or kind,
        school_class=_class(row),
        words=tuple(part for part in said if part)[:TEXTS],
        layer=layer,
        variant=variant,
        built=built,
        sender=_sender(own_id, file),
        shape=shape,
        facts=row,
    )


def _has_volume(kind: str) -> bool:
    return kind in BUILDINGS or kind in SURFACES or kind == "water"


def _changes(row: Mapping[str, Any]) -> bool:
    """Whether any block of it is kept: a text alone has none."""
    counts = [parse_number(row.get(name)) for name in ("added", "removed", "replaced")]
    return any(count is None or count > 0 for count in counts)


def _with_blocks(idea: Idea, path: Path, config: Config) -> Idea:
    try:
        kept = read_blocks(path.parent, idea.id)
    except WorldError as error:
        raise SourceError(
            str(error), hint=f"{error.hint}; or write no or volume in the column build"
        ) from error
    frame = config.frame
    shift = shift_of(kept.frame, frame, path)
    levels = config.java.min_y, config.java.max_y
    shape, left_out = _in_city(kept, shift, config.grid, levels)
    covers = covered(shape.x, shape.z, frame) if len(shape) else idea.shape
    return replace(idea, kept=shape, shape=covers, left_out=left_out)


def _read_file(path: Path, config: Config, found: Ideas) -> Iterator[Idea]:
    (features, rows), file = _rows(path, config), config.lessons.ideas.index(path)
    found.skipped.update({f"ideas: {why}": count for why, count in features.skipped.items()})
    for row, shape in zip(rows, features.geometry, strict=True):
        idea = _idea(row, shape, path, file)
        if idea.built == NOT:
            found.skipped["ideas that are not to be built"] += 1
        elif not _changes(row):
            found.skipped["ideas that are words alone"] += 1
        elif idea.built == VOLUME and _has_volume(idea.kind):
            yield idea
        else:
            if idea.built == VOLUME:
                found.notes[f"{idea.id}: a {idea.kind} has no volume and is kept in blocks"] += 1
            kept = _with_blocks(replace(idea, built=BLOCKS), path, config)
            if kept.kept is not None and len(kept.kept):
                yield kept
            else:
                found.skipped["ideas of which no block is in the area"] += 1


def read_ideas(config: Config) -> Ideas:
    """The proposals that `[class] ideas` names, with their layers. SourceError for a file that is
    none, and for blocks that do not fit this city's frame."""
    found, ideas, together = Ideas(), list[Idea](), 0
    for path in config.lessons.ideas:
        for idea in _read_file(path, config, found):
            ideas.append(idea)
            together += 0 if idea.kept is None else len(idea.kept)
            if together > MOST_TOGETHER:
                raise SourceError(
                    f"{path}: the proposals together have more than {MOST_TOGETHER:,} blocks",
                    hint="write no or volume in the column build of some of them",
                )
    placed, notes = _layered(ideas, config.frame.scale)
    return replace(found, ideas=tuple(placed), notes=found.notes + notes)


def _together(ideas: Sequence[Idea], scale: float) -> list[int]:
    """For each proposal the first of those with which it cannot be shown, by way of others too:
    those of other worlds that stand in the same place. Itself where there are none."""
    first = list(range(len(ideas)))

    def root(number: int) -> int:
        while first[number] != number:
            number = first[number]
        return number

    shapes = np.empty(len(ideas), object)
    shapes[:] = [shapely.buffer(idea.shape, NEAR / 2 / scale, cap_style="square",
                                join_style="mitre") for idea in ideas]  # fmt: skip
    pairs = shapely.STRtree(shapes).query(shapes, predicate="intersects")
    for one, other in sorted(zip(*pairs.tolist(), strict=True)):
        if one < other and ideas[one].sender != ideas[other].sender:
            low, high = sorted((root(one), root(other)))
            first[high] = low
    return [root(number) for number in range(len(ideas))]


def _layered(ideas: Sequence[Idea], scale: float) -> tuple[list[Idea], Counter[str]]:
    """Each with the id of its layer: what a person wrote, or one of its own. Where several worlds
    have something in one place these are variants of one layer, a variant for each world."""
    notes: Counter[str] = Counter()
    taken = {idea.layer for idea in ideas if idea.layer}
    unnamed = [number for number, idea in enumerate(ideas) if not idea.layer]
    group = _together([ideas[number] for number in unnamed], scale) if unnamed else []
    out, names = list(ideas), dict[int, str]()
    senders: dict[int, dict[str, str]] = {}
    for own, number in zip(group, unnamed, strict=True):
        idea = ideas[number]
        if own not in names:
            names[own] = _free(f"idea_{_slug(idea.id) or 'x'}", taken)
        variants = senders.setdefault(own, {})
        if idea.sender not in variants:
            variants[idea.sender] = _free(_slug(idea.sender) or "x", set(variants.values()))
    for own, number in zip(group, unnamed, strict=True):
        several = len(senders[own]) > 1
        variant = senders[own][ideas[number].sender] if several else ""
        out[number] = replace(ideas[number], layer=names[own], variant=variant)
    for own, variants in senders.items():
        if len(variants) > 1:
            notes[
                f"{names[own]}: {len(variants)} worlds have something in one place, and are "
                "variants of one layer"
            ] += 1
    return out, notes
