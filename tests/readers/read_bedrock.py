"""Reads chunks of a Bedrock world with bedrock-world-operator: `python read_bedrock.py WORLD "X,Z X,Z …"` prints JSON.

In a process of its own, as that library ends the process when it is asked for what is not there. Opens the world for writing, so
give it a copy. Blocks come as runs of [name, sorted states, count] from the lowest up, (y, z, x); so do biomes as [id, count].
"""

import contextlib
import io
import json
import sys
from itertools import groupby

import numpy as np

with contextlib.redirect_stdout(io.StringIO()):
    import bedrockworldoperator as operator


def runs(values: np.ndarray) -> list[list[int]]:
    return [[int(value), len(list(group))] for value, group in groupby(values.tolist())]


def array(blocks: object) -> np.ndarray:
    """(y, z, x) of what the library keeps as sections of (x, y, z)."""
    cells = np.asarray(blocks.blocks).reshape(-1, 16, 16, 16)
    return cells.transpose(0, 2, 3, 1).reshape(-1, 16, 16)


def state(number: int) -> list[object]:
    found = operator.runtime_id_to_state(number)
    if found is None:
        return ["minecraft:unknown", []]
    return [found.Name, sorted([str(key), str(value.unpack())] for key, value in found.States.items())]


def read(path: str, chunks: list[tuple[int, int]]) -> dict[str, object]:
    world = operator.new_world(path)
    if not world.is_valid():
        return {"valid": False}
    level = world.get_level_dat()
    out: dict[str, object] = {"valid": True, "level": None if level is None else {"name": level.level_name, "spawn": level.spawn_y}}
    found = []
    for x, z in chunks:
        chunk = world.load_chunk(operator.ChunkPos(x, z))
        if not chunk.is_valid():
            found.append({"x": x, "z": z, "missing": True})
            continue
        layers = [array(chunk.blocks(layer)) for layer in (0, 1)]
        states = {int(number): state(int(number)) for number in np.unique(layers)}
        named = [[[*states[number], count] for number, count in runs(layer.ravel())] for layer in layers]
        entities = [str(entity["id"]) for entity in world.load_nbt(operator.ChunkPos(x, z))]
        biomes = runs(array(chunk.biomes()).ravel())
        found.append({"x": x, "z": z, "layers": named, "biomes": biomes, "entities": entities})
    world.close_world()
    return {**out, "chunks": found}


if __name__ == "__main__":
    wanted = [tuple(int(part) for part in pair.split(",")) for pair in sys.argv[2].split()]
    json.dump(read(sys.argv[1], wanted), sys.stdout)
