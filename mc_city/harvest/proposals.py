"""Proposals: what was built, told apart into things that belong together, each with its figures."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from mc_city.harvest.built import Built, Sender, Text
from mc_city.harvest.clusters import REACH, clusters
from mc_city.harvest.figures import Measured, figures_of
from mc_city.harvest.grounds import Ground
from mc_city.harvest.joining import joined
from mc_city.harvest.kinds import Kind as Kind
from mc_city.harvest.kinds import kind_of
from mc_city.harvest.matter import Matter, matter_of
from mc_city.harvest.outlines import plan_of
from mc_city.site.over_plan import MANY, STANDS_IN
from terrain.frame import Frame
from worlds.plots import Plot, plots_at

WITHIN = 6
"""Blocks from a text to a thing that it tells of."""
MOST_PROPOSALS = 500
"""Of one world; what is smaller than so many others is one proposal together."""
LONGEST_PART = 24

Where = Callable[[NDArray[np.int64], NDArray[np.int64]], NDArray[np.bool_]]
Development = tuple[str, Any]
"""(id, its place: a polygon in blocks, or what says which columns (x, z) it holds)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Proposal(Measured):
    """One thing that somebody built.

    id: `4b-07-1`, unique in a harvest; number: over all proposals of a harvest, from 1, as on its
    map; built: its blocks, and the texts that stand near them; kind, confidence: by the rules of
    kinds.py, 0 … 1; words: what its texts say; on: ids of the developments whose place it stands
    in; over_plan_m: how far its top is above what the detaljplan of its place allows, 0 or less =
    within it, None = no plan says; plot: the number of the building plot it stands on, None = none.
    """

    id: str
    number: int
    sender: Sender
    built: Built
    kind: Kind
    confidence: float
    words: tuple[str, ...]
    on: tuple[str, ...]
    over_plan_m: float | None = None
    plot: int | None = None

    def __repr__(self) -> str:
        return f"<Proposal {self.id}: {self.kind}, {self.added} blocks>"


def _part(text: str) -> str:
    """What of a text can stand in an id, which is a file's name too."""
    return re.sub(r"[^0-9a-zåäö_]+", "_", text.casefold()).strip("_")[:LONGEST_PART]


def stem_of(sender: Sender) -> str:
    """`4b-07`: class and pupil's code. Who has no code is called by a digest of the file's name,
    which may be anybody's name and does not go further."""
    pupil = _part(sender.pupil)
    school_class = _part(sender.school_class)
    school_class = school_class.removeprefix("klass").strip("_") or school_class
    if not pupil:
        pupil = "x" + hashlib.sha256(sender.file.encode("utf-8", "replace")).hexdigest()[:6]
    return "-".join(part for part in (school_class, pupil) if part)


def _in_order(built: Built) -> Built:
    """The same in the order of (y, z, x)."""
    order = np.lexsort((built.x, built.z, built.y))
    return replace(built.take(order), texts=built.texts)


def _sorted_texts(texts: Sequence[Text]) -> list[Text]:
    return sorted(texts, key=lambda text: (text.y, text.z, text.x, text.kind, text.text))


def _places(texts: Sequence[Text]) -> NDArray[np.int64]:
    return np.array([(text.x, text.y, text.z) for text in texts], np.int64).reshape(-1, 3)


def _owners(built: Built, numbers: NDArray[np.int32], texts: Sequence[Text]) -> NDArray[np.int64]:
    """(texts,) the thing that each tells of: the nearest within WITHIN, of equals the largest; −1
    for none."""
    owners = np.full(len(texts), -1, np.int64)
    if not len(built) or not texts:
        return owners
    tree = cKDTree(np.column_stack([built.x, built.y, built.z]).astype(np.float64))
    places = _places(texts).astype(np.float64)
    away, _ = tree.query(places, p=np.inf, distance_upper_bound=WITHIN + 0.5)
    for row in np.flatnonzero(np.isfinite(away)):
        found = tree.query_ball_point(places[row], r=away[row], p=np.inf)
        owners[row] = int(numbers[found].min())
    return owners


def _hold(thing: Built, places: NDArray[np.int64]) -> NDArray[np.bool_]:
    """(places,) bool: those that a thing surrounds, with the air above what is inside."""
    x, y, z = places.T
    near: NDArray[np.bool_] = (y >= thing.y.min() - 1) & (y <= thing.y.max() + WITHIN)
    for axis, own in ((x, thing.x), (z, thing.z)):
        near &= (axis >= own.min()) & (axis <= own.max())
    if near.any():
        plan = plan_of(thing.x, thing.z)
        inside = np.column_stack([plan.inside_x, plan.inside_z])
        columns = {(int(one), int(other)) for one, other in inside}
        for row in np.flatnonzero(near):
            near[row] = (int(x[row]), int(z[row])) in columns
    return near


def _things(built: Built) -> list[Built]:
    """What belongs together, largest first, with its texts. Texts far from all that was built are
    things without blocks, after those."""
    numbers = np.minimum(clusters(built), MOST_PROPOSALS - 1)
    texts = _sorted_texts(built.texts)
    owners = _owners(built, numbers, texts)
    count = int(numbers.max()) + 1 if len(built) else 0
    order = np.argsort(numbers, kind="stable")
    rows = np.split(order, np.searchsorted(numbers[order], np.arange(1, count))) if count else []
    for number, row in enumerate(rows):
        lost = np.flatnonzero(owners < 0)
        if not len(lost):
            break
        owners[lost[_hold(built.take(row), _places(texts)[lost])]] = number
    lost = np.flatnonzero(owners < 0)
    if len(lost):
        groups = joined(_places(texts)[lost], REACH)
        # In the order in which they come, whatever they were called.
        _, first, which = np.unique(groups, return_index=True, return_inverse=True)
        at = np.argsort(np.argsort(first, kind="stable"), kind="stable")
        owners[lost] = count + np.minimum(at[which], MOST_PROPOSALS - 1)
    told: dict[int, list[Text]] = {}
    for owner, text in zip(owners, texts, strict=True):
        told.setdefault(int(owner), []).append(text)
    nothing = np.zeros(0, np.int64)
    every = [*rows, *(nothing for owner in sorted(told) if owner >= count)]
    return [
        replace(built.take(row), texts=tuple(told.get(number, ())))
        for number, row in enumerate(every)
    ]


def _of_texts(thing: Built) -> Built:
    """A text alone as a block that did not change, so that it has a place."""
    places = np.unique(_places(thing.texts), axis=0)
    x, y, z = (np.ascontiguousarray(axis, np.int32) for axis in places.T)
    same = np.zeros(len(places), np.int32)
    return _in_order(replace(thing, x=x, y=y, z=z, before=same, after=same))


def _stands_on(thing: Built, developments: Sequence[Development]) -> tuple[str, ...]:
    """The ids of the developments in whose place it stands, in their order."""
    columns = np.unique(np.column_stack([thing.x, thing.z]).astype(np.int64), axis=0)
    x, z = columns[:, 0], columns[:, 1]
    found = []
    for name, place in developments:
        if callable(place):
            within = np.asarray(place(x, z), bool)
        else:
            within = shapely.contains_xy(place, x + 0.5, z + 0.5)
        count = int(within.sum())
        if count and (count * STANDS_IN >= len(x) or count >= MANY):
            found.append(name)
    return tuple(found)


def _plot_under(thing: Built, plots: Sequence[Plot]) -> int | None:
    """The number of the plot on which most of its columns lie that lie on one, if they are not few
    of all."""
    columns = np.unique(np.column_stack([thing.x, thing.z]).astype(np.int64), axis=0)
    numbers = plots_at(plots, columns[:, 0], columns[:, 1])
    found, counts = np.unique(numbers[numbers > 0], return_counts=True)
    if not len(found):
        return None
    most = int(np.argmax(counts))
    few = counts[most] * STANDS_IN < len(columns) and counts[most] < MANY
    return None if few else int(found[most])


def _words(texts: Sequence[Text]) -> tuple[str, ...]:
    """What texts say, each once."""
    return tuple(dict.fromkeys(text.text for text in texts if text.text.strip()))


def _proposal(
    thing: Built,
    number: int,
    sender: Sender,
    matter: Matter,
    around: tuple[Frame, Ground | None, Sequence[Development], Sequence[Plot]],
) -> Proposal:
    frame, ground, developments, plots = around
    placed = thing if len(thing) else _of_texts(thing)
    figures = figures_of(placed, matter, frame, ground)
    kind, confidence = kind_of(figures.traits) if len(thing) else ("sign", 1.0)
    measured = {one.name: getattr(figures, one.name) for one in fields(Measured)}
    if not len(thing):
        measured |= {"volume_m3": 0.0, "added": 0, "removed": 0, "replaced": 0}
    return Proposal(
        id=f"{stem_of(sender)}-{number}",
        number=number,
        sender=sender,
        built=thing,
        kind=kind,
        confidence=confidence,
        words=_words(thing.texts),
        on=_stands_on(placed, developments),
        plot=_plot_under(placed, plots),
        **measured,
    )


def proposals_of(
    built: Built,
    sender: Sender,
    frame: Frame,
    developments: Sequence[Development],
    ground: Ground | None = None,
    plots: Sequence[Plot] = (),
) -> list[Proposal]:
    """What somebody built as proposals, numbered from 1, largest first; texts that stand alone come
    last. developments: in the order in which they are told. ground: of the world as it was handed
    out; without it the ground is guessed, and low bridges and tunnels are told apart badly. plots:
    where a class was to build."""
    built = _in_order(built)
    matter = matter_of(built.states)
    around = frame, ground, developments, plots
    return [
        _proposal(thing, number, sender, matter, around=around)
        for number, thing in enumerate(_things(built), 1)
    ]
