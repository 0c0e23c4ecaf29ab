"""The sample's blocks, heights and picture, kept as text that a reviewer can read in a diff.

After a change that is meant: `MC_CITY_GOLDEN=write make test`, then look at the diff and at the
map.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from pathlib import Path

import numpy as np
from PIL import Image

from worlds.java.layout import region_files
from worlds.java.reader import read_region_volume

GOLDEN = Path(__file__).parent / "sundsvall.json"
PICTURE = Path(__file__).parent / "sundsvall_map.png"


def facts_of(world: Path) -> dict:
    counts: Counter[str] = Counter()
    heights = hashlib.sha256()
    for _, _, path in region_files(world):
        volume, _ = read_region_volume(path)
        for state, count in zip(
            volume.palette.states, np.bincount(volume.ids.ravel()), strict=False
        ):
            counts[str(state)] += int(count)
        top = volume.y0 + volume.ids.shape[0] - 1 - np.argmax((volume.ids != 0)[::-1], axis=0)
        heights.update(top.astype("<i2").tobytes())
    counts.pop("minecraft:air", None)
    return {"blocks": dict(sorted(counts.items())), "heights_sha256": heights.hexdigest()}


def test_the_sample_is_as_it_was_reviewed(sample_out):
    facts = facts_of(sample_out / "Sundsvall")
    small = (
        Image.open(sample_out / "map.png")
        .crop((0, 0, 2048, 2048))
        .resize((512, 512), Image.Resampling.BOX)
    )
    if os.environ.get("MC_CITY_GOLDEN") == "write":
        GOLDEN.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
        small.save(PICTURE)
    wanted = json.loads(GOLDEN.read_text("utf-8"))
    assert facts["blocks"] == wanted["blocks"]
    assert facts["heights_sha256"] == wanted["heights_sha256"]
    difference = np.abs(np.asarray(small, int) - np.asarray(Image.open(PICTURE), int))
    assert difference.max() <= 2
