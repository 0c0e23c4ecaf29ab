"""Reads chunks of a Bedrock world with bedrock-world-operator: `echo "X,Z X,Z …" | python
read_bedrock.py WORLD runs|counts`.

In a process of its own, as that library ends the process when it is asked for what is not there.
Opens the world for writing, so give it a copy. Prints JSON. runs: of each chunk, blocks as [name,
sorted states, count] from the lowest up, (y, z, x), and biomes as [id, count]; counts: how often
each block's name and each block entity occurs over all chunks, and which chunks are missing.
"""

import contextlib
import io
import json
import sys
from collections import Counter

import numpy as np

with contextlib.redirect_stdout(io.StringIO()):
    import bedrockworldoperator as operator


def runs(values: np.ndarray) -> list[list[int]]:
    starts = np.flatnonzero(np.concatenate([[True], values[1:] != values[:-1]]))
    lengths = np.diff(starts, append=len(values))
    return np.stack([values[starts].astype(np.int64), lengths], axis=1).tolist()


def array(blocks: object) -> np.ndarray:
    """(y, z, x) of what the library keeps as sections of (x, y, z)."""
    cells = np.asarray(blocks.blocks).reshape(-1, 16, 16, 16)
    return cells.transpose(0, 2, 3, 1).reshape(-1, 16, 16)


def state(number: int) -> list[object]:
    found = operator.runtime_id_to_state(number)
    if found is None:
        return ["minecraft:unknown", []]
    return [
        found.Name,
        sorted([str(key), str(value.unpack())] for key, value in found.States.items()),
    ]


def entities(world: object, x: int, z: int) -> list[str]:
    return [str(entity["id"]) for entity in world.load_nbt(operator.ChunkPos(x, z))]


def read(world: object, chunks: list[tuple[int, int]]) -> dict[str, object]:
    found = []
    for x, z in chunks:
        chunk = world.load_chunk(operator.ChunkPos(x, z))
        if not chunk.is_valid():
            found.append({"x": x, "z": z, "missing": True})
            continue
        layers = [array(chunk.blocks(layer)) for layer in (0, 1)]
        states = {int(number): state(int(number)) for number in np.unique(layers)}
        named = [
            [[*states[number], count] for number, count in runs(layer.ravel())] for layer in layers
        ]
        biomes = runs(array(chunk.biomes()).ravel())
        found.append(
            {"x": x, "z": z, "layers": named, "biomes": biomes, "entities": entities(world, x, z)}
        )
    return {"chunks": found}


def count(world: object, chunks: list[tuple[int, int]]) -> dict[str, object]:
    numbers: tuple[Counter[int], Counter[int]] = (Counter(), Counter())
    kinds: Counter[str] = Counter()
    missing = []
    for x, z in chunks:
        chunk = world.load_chunk(operator.ChunkPos(x, z))
        if not chunk.is_valid():
            missing.append([x, z])
            continue
        for layer, counts in enumerate(numbers):
            sections = np.asarray(chunk.blocks(layer).blocks).reshape(-1, 4096)
            alike = (sections == sections[:, :1]).all(axis=1)
            for number in sections[alike, 0].tolist():
                counts[number] += 4096
            found, times = np.unique(sections[~alike], return_counts=True)
            counts.update(dict(zip(found.tolist(), times.tolist(), strict=True)))
        kinds.update(entities(world, x, z))
    layers = []
    for counts in numbers:
        names: Counter[str] = Counter()
        for number, times in counts.items():
            names[str(state(number)[0])] += times
        layers.append(dict(names))
    return {"missing": missing, "layers": layers, "entities": dict(kinds)}


def main(path: str, how: str) -> dict[str, object]:
    world = operator.new_world(path)
    if not world.is_valid():
        return {"valid": False}
    level = world.get_level_dat()
    facts = None if level is None else {"name": level.level_name, "spawn": level.spawn_y}
    chunks = [(int(x), int(z)) for x, z in (pair.split(",") for pair in sys.stdin.read().split())]
    found = {"runs": read, "counts": count}[how](world, chunks)
    world.close_world()
    return {"valid": True, "level": facts, **found}


if __name__ == "__main__":
    json.dump(main(*sys.argv[1:]), sys.stdout)
