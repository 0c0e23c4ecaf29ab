"""From what a harvest found to what its report tells."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO

from mc_city.harvest.harvest import Harvest
from mc_city.harvest.maps import BaseMap
from mc_city.harvest.proposals import Proposal
from mc_city.harvest.report import NotCounted, Told
from mc_city.harvest.saying import REASONS, Said
from worlds.quoting import plain


def base_map(found: Harvest) -> BaseMap:
    data = BytesIO()
    found.map.picture.save(data, "PNG", compress_level=1)
    return BaseMap(data.getvalue(), found.map.corner, found.map.step, found.frame)


def told_of(found: Harvest, proposals: Sequence[Proposal]) -> Told:
    """What the report of a harvest tells. proposals: of all its worlds, by their numbers."""
    counted = [
        NotCounted(REASONS.get(reason, Said(plain(reason), plain(reason))), blocks)
        for reason, blocks in found.by_game.most_common()
    ]
    credits_ = dict.fromkeys(
        plain(source["attribution"]) for source in found.note.sources if source.get("attribution")
    )
    return Told(
        city=found.note.city,
        frame=found.frame,
        proposals=proposals,
        senders=[world.sender for world in found.worlds],
        developments={one.id: one.name for one in found.developments},
        base=base_map(found),
        left_out=found.left_out,
        not_counted=counted,
        credits=list(credits_),
    )
