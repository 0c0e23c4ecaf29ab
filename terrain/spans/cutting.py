"""Bridges, tunnels and tracks cut to some of their lines."""

from __future__ import annotations

from collections import Counter

import numpy as np

from terrain.columns.cutting import Rows, members, renumbered, within_rect
from terrain.spans.decks import Decks
from terrain.spans.lines import Lines
from terrain.spans.rails import Rails
from terrain.spans.tunnels import Tubes
from worlds.rect import Rect


def cut_lines(lines: Lines, rows: Rows) -> Lines:
    point, starts = members(lines.starts, rows)
    return Lines(
        lines.xs[point], lines.zs[point], lines.along[point], starts, lines.boxes[rows]
    )  # fmt: skip


def cut_decks(decks: Decks, rows: Rows) -> Decks:
    station, top_starts = members(decks.top_starts, rows)
    pier, pier_starts = members(decks.pier_starts, rows)
    number = renumbered(rows, len(decks))
    lamps = decks.lamps[np.isin(decks.lamps[:, 0], rows)].copy()
    lamps[:, 0] = number[lamps[:, 0]]
    return Decks(
        lines=cut_lines(decks.lines, rows),
        top_y=decks.top_y[station],
        top_starts=top_starts,
        step=decks.step[rows],
        carriage=decks.carriage[rows],
        left=decks.left[rows],
        right=decks.right[rows],
        style=decks.style[rows],
        depth=decks.depth[rows],
        marked=decks.marked[rows],
        piers=decks.piers[pier],
        pier_starts=pier_starts,
        pier_half=decks.pier_half[rows],
        lamps=lamps,
    )


def cut_tubes(tubes: Tubes, rows: Rows) -> Tubes:
    """Without the ways that they are of, which only planning asks for."""
    station, starts = members(tubes.starts, rows)
    return Tubes(
        lines=cut_lines(tubes.lines, rows),
        floor_y=tubes.floor_y[station],
        starts=starts,
        step=tubes.step[rows],
        core=tubes.core[rows],
        half=tubes.half[rows],
        clear=tubes.clear[rows],
        foot=tubes.foot[rows],
        of_way={},
        skipped=Counter(),
    )


def cut_rails(rails: Rails, rows: Rows, rect: Rect) -> Rails:
    """Some of the beds, and the rails in a rectangle."""
    station, starts = members(rails.starts, rows)
    return Rails(
        lines=cut_lines(rails.lines, rows),
        bed_y=rails.bed_y[station],
        starts=starts,
        step=rails.step[rows],
        half=rails.half[rows],
        paved=rails.paved[rows],
        rails=rails.rails[within_rect(rails.rails[:, 0], rails.rails[:, 1], rect)],
    )
