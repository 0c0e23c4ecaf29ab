"""What edges are called, in OpenStreetMap's words, Lantmäteriet's and Swedish, and what is known of
each kind."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from terrain.vectors.words import word


class Kind(NamedTuple):
    """rank: of two that cross, the higher stays; stretches: it is as high as its data say; wide:
    columns across; joins: where the ground steps its lower column is raised to the upper one."""

    rank: int
    stretches: bool = False
    wide: int = 1
    joins: bool = False


KINDS: dict[str, Kind] = {
    "kerb": Kind(0),
    "embankment": Kind(1, wide=3),
    "bollards": Kind(2),
    "cable": Kind(3),
    "guard_rail": Kind(4),
    "pipeline": Kind(5, wide=2),
    "hedge": Kind(6, stretches=True, joins=True),
    "picket": Kind(7, joins=True),
    "wire": Kind(8, stretches=True, joins=True),
    "handrail": Kind(9, joins=True),
    "railing": Kind(9, joins=True),
    "jersey": Kind(10),
    "wall": Kind(11, stretches=True, joins=True),
    "dry_stone": Kind(12, stretches=True, joins=True),
    "masonry": Kind(13, stretches=True, joins=True),
    "noise": Kind(14, stretches=True, joins=True),
    "retaining": Kind(15, stretches=True, wide=2),
    "cliff": Kind(16, stretches=True, wide=3),
    "city_wall": Kind(17, stretches=True, wide=3),
}
"""Kind → what is known of it; its blocks are `[edges.<kind>]` of the style table."""

BARRIERS = {
    "hedge": "hedge", "hedge_bank": "hedge", "fence": "picket", "wall": "wall",
    "city_wall": "city_wall",
    "retaining_wall": "retaining", "guard_rail": "guard_rail", "handrail": "handrail",
    "railing": "railing", "jersey_barrier": "jersey", "kerb": "kerb", "cable_barrier": "cable",
    "rope": "cable", "chain": "cable", "block": "bollards", "bollard": "bollards",
    "noise_barrier": "noise", "wire_fence": "wire", "chain_link": "wire", "log": "picket",
    "ha-ha": "retaining", "tank_trap": "bollards", "delineators": "bollards", "yes": "picket",
    "wood_fence": "picket", "fortification": "city_wall", "castle_wall": "city_wall",
}  # fmt: skip
FENCES = {
    "chain_link": "wire", "wire": "wire", "barbed_wire": "wire", "electric": "wire",
    "metal": "railing", "metal_bars": "railing", "railing": "railing", "bars": "railing",
    "slatted": "railing", "chain": "cable", "concrete": "wall", "stone": "dry_stone",
    "brick": "masonry", "hedge": "hedge", "sound_barrier": "noise", "net": "wire",
}  # fmt: skip
WALLS = {
    "dry_stone": "dry_stone", "stone": "dry_stone", "pise": "wall", "brick": "masonry",
    "noise_barrier": "noise", "castle_wall": "city_wall", "gabion": "dry_stone",
    "flood_wall": "wall", "jersey_barrier": "jersey", "seawall": "retaining",
}  # fmt: skip
OWN_WORDS = {
    **{kind: kind for kind in KINDS}, "häck": "hedge", "staket": "picket", "stängsel": "wire",
    "mur": "wall", "stenmur": "dry_stone", "gärdesgård": "dry_stone", "stödmur": "retaining",
    "räcke": "railing", "ledstång": "handrail", "vägräcke": "guard_rail", "bullerplank": "noise",
    "bullerskydd": "noise", "plank": "noise", "kantsten": "kerb", "slänt": "embankment",
    "brant": "cliff", "rörledning": "pipeline",
}  # fmt: skip
"""Words of a column `kind`."""
OTHER_LINES = {
    "natural": {"cliff": "cliff", "earth_bank": "embankment", "hedge": "hedge"},
    "man_made": {"embankment": "embankment", "pipeline": "pipeline", "dyke": "embankment"},
    "historic": {"citywalls": "city_wall", "city_gate": "city_wall"},
}
"""Keys besides `barrier` whose words are edges."""


class Gate(NamedTuple):
    """What stands at a point. middle: in each column across the way; side: in those beside it; '' =
    nothing, so that one gets through."""

    middle: str = ""
    side: str = ""

    def columns(self, first: int, last: int) -> list[tuple[int, str]]:
        """(column, place of POINTS) across a way that lies in the columns from first to last."""
        inner = [(column, self.middle) for column in range(first, last + 1) if self.middle]
        return [*inner, *((column, self.side) for column in (first - 1, last + 1) if self.side)]


POINTS = (
    "gate", "gate_post", "lift_post", "bollard", "boulder", "stile", "turnstile", "grid",
    "wall_post", "wire_post", "metal_gate", "metal_post", "leaf", "metal_leaf",
)  # fmt: skip
"""Single columns; their blocks are `[edge_points]` of the style table."""
GATES = {
    "gate": Gate("gate", "gate_post"),
    "lift_gate": Gate("", "lift_post"),
    "bollard": Gate("", "bollard"),
    "block": Gate("", "boulder"),
    "stile": Gate("stile", "gate_post"),
    "turnstile": Gate("", "turnstile"),
    "cattle_grid": Gate("grid", "gate_post"),
    "entrance": Gate("", "gate_post"),
    "wall_gate": Gate("gate", "wall_post"),
    "metal_gate": Gate("metal_gate", "metal_post"),
}
"""What stands at a point of a kind. Whoever walks gets through all of them: gates are open, and
what is narrow stands beside the way."""
POINT_WORDS = {
    "gate": "gate", "swing_gate": "lift_gate", "lift_gate": "lift_gate", "bollard": "bollard",
    "block": "block", "stile": "stile", "kissing_gate": "gate", "turnstile": "turnstile",
    "full-height_turnstile": "turnstile", "cattle_grid": "cattle_grid", "wicket_gate": "gate",
    "sliding_gate": "gate", "hampshire_gate": "gate", "entrance": "entrance",
    "cycle_barrier": "turnstile", "motorcycle_barrier": "turnstile", "jersey_barrier": "block",
    "toll_booth": "lift_gate", "debris": "block", "log": "block", "sally_port": "gate",
    "bump_gate": "gate", "horse_stile": "stile", "rope": "bollard", "chain": "bollard",
    "height_restrictor": "lift_gate", "bus_trap": "lift_gate", "sump_buster": "block",
    "grind": "gate", "bom": "lift_gate", "vägbom": "lift_gate", "pollare": "bollard",
}  # fmt: skip


def kind_of(tags: Mapping[str, Any]) -> str | None:
    """The kind of edge that a line's tags name, None for none."""
    own = OWN_WORDS.get(word(tags.get("kind")))
    if own is not None:
        return own
    barrier = word(tags.get("barrier"))
    if barrier == "fence":
        return FENCES.get(
            word(tags.get("fence_type")), FENCES.get(word(tags.get("material")), "picket")
        )
    if barrier == "wall":
        return WALLS.get(word(tags.get("wall")), WALLS.get(word(tags.get("material")), "wall"))
    if barrier in BARRIERS:
        return BARRIERS[barrier]
    for key, words in OTHER_LINES.items():
        if word(tags.get(key)) in words:
            return words[word(tags.get(key))]
    return None


def point_kind_of(tags: Mapping[str, Any]) -> str | None:
    """The kind of gate that a point's tags name, None for none."""
    return POINT_WORDS.get(word(tags.get("kind")), POINT_WORDS.get(word(tags.get("barrier"))))
