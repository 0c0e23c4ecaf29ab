"""Writes the town for a 3D printer: plates, exchangeable pieces, keys, and how to put them
together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from mc_city.exports.areas import Bounds, exported_area
from mc_city.exports.folders import Exported, write_export
from mc_city.exports.printing.cells import coarse, thickened
from mc_city.exports.printing.heights import Changed, read_heights
from mc_city.exports.printing.jobs import Item, beds_of, require_lib3mf, write_3mf, write_stl
from mc_city.exports.printing.parts import (
    insert_solid,
    key_solid,
    keys_of,
    plate_solid,
    seams_of,
)
from mc_city.exports.printing.pockets import (
    MOST_PIECES,
    Pocket,
    floor_of,
    places_of,
    read_inserts,
    states_of,
)
from mc_city.exports.printing.settings import Printer, measures
from mc_city.exports.printing.solids import Mesh, Solid, is_closed, mesh_of
from mc_city.exports.printing.telling import Made, Told, grams_of, print_text, scale_text
from mc_city.exports.printing.town import Town, seams
from mc_city.exports.scene import Scene, opened_scene
from worlds.errors import ConfigError
from worlds.layers import State, Switch
from worlds.rect import Rect

Progress = Callable[[str, int, int], None]
PRINT_TEXT = "print.txt"
SMALLEST = 10.0
"""Millimetres that a town is wide and deep, at least."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """All that is printed. today: cells of the town, (rows, columns) int16, the first row in the
    south; few: changes that are too small for a piece."""

    town: Town
    today: NDArray[np.int16]
    pockets: tuple[Pocket, ...]
    few: int


@dataclass(eq=False)
class _Files:
    """A folder of parts as it is written. about: what each 3MF says of itself."""

    folder: Path
    kind: str
    about: Mapping[str, str]
    parts: list[Made] = field(default_factory=list)
    triangles: int = 0

    def add_stl(self, made: Made, mesh: Mesh) -> None:
        write_stl(self.folder / made.file, mesh)
        self._note([(made, mesh)])

    def add_3mf(self, name: str, held: Sequence[tuple[Made, Item]]) -> None:
        """A job of some parts."""
        title = f"{self.about['Title']}, {name.removesuffix('.3mf')}"
        write_3mf(self.folder / name, [item for _, item in held], {**self.about, "Title": title})
        self._note([(made, item.mesh) for made, item in held])

    def _note(self, held: Sequence[tuple[Made, Mesh]]) -> None:
        for made, mesh in held:
            self.parts.append(made)
            self.triangles += len(mesh.triangles)


def closed_mesh(solid: Solid) -> Mesh:
    """The surface of a solid; a slicer shall have nothing to repair."""
    mesh = mesh_of(solid)
    if not is_closed(mesh):
        raise RuntimeError("the surface of a part is not closed")
    return mesh


def read_model(scene: Scene, area: Rect, printer: Printer, progress: Progress) -> Model:
    """The town in cells, with its pockets and what they can hold."""
    frame = scene.note.frame
    scaled = measures(frame, printer)
    wide, deep = (side // scaled.times * scaled.cell for side in (area.nx, area.nz))
    if min(wide, deep) < SMALLEST:
        raise ConfigError(
            f"--scale {printer.scale:g}: the town would be {wide:.3g} x {deep:.3g} mm",
            hint="give a smaller number, as in --scale 500, or a larger --area",
        )
    heights, changes = read_heights(scene, area, progress)
    cells = thickened(coarse(heights, scaled.times), scaled.thick)
    today = np.ascontiguousarray(cells[::-1])
    xs, ys = seams((today.shape[0], today.shape[1]), scaled, printer)
    town = Town(area=area, measures=scaled, printer=printer, xs=xs, ys=ys, lowest=int(today.min()))
    return _with_pockets(scene, Model(town=town, today=today, pockets=(), few=0), changes, progress)


def _with_pockets(
    scene: Scene, model: Model, changes: Sequence[Changed], progress: Progress
) -> Model:
    groups, few = places_of(model.town, changes)
    found = []
    for number, group in enumerate(groups, start=1):
        found.append((group, *read_inserts(scene, model.town, group, number)))
        progress("pieces", number, len(groups))
    lowest = min(
        [model.town.lowest, *(int(one.heights.min()) for _, _, held in found for one in held)]
    )
    town = replace(model.town, lowest=lowest)
    pockets = tuple(
        Pocket(
            number=number,
            switches=chosen,
            box=group.box,
            floor=floor_of(town, model.today, group.box, held),
            inserts=held,
        )
        for number, (group, chosen, held) in enumerate(found, start=1)
    )
    return replace(model, town=town, pockets=pockets, few=few)


def _state_title(switches: Sequence[Switch], pocket: Pocket, state: State) -> tuple[str, str]:
    """(Swedish, English) what of a pocket's layers a state shows."""
    told: tuple[list[str], list[str]] = ([], [])
    for number in pocket.switches:
        switch = switches[number]
        option = switch.options[state[number] - 1] if state[number] else ""
        more = f" {option}" if option else ""
        for language, (today, planned) in enumerate((("i dag", "planerat"), ("today", "planned"))):
            told[language].append(f"{switch.name}: {planned + more if state[number] else today}")
    return " + ".join(told[0]), " + ".join(told[1])


def _titles(switches: Sequence[Switch], pocket: Pocket, shown: int) -> tuple[str, str]:
    """(Swedish, English) of one of a pocket's pieces: all states that it stands for."""
    titles = [_state_title(switches, pocket, state) for state in pocket.inserts[shown].states]
    return " = ".join(one for one, _ in titles), " = ".join(other for _, other in titles)


def _write_plates(files: _Files, model: Model, scene: Scene, progress: Progress) -> None:
    town, note = model.town, scene.note
    texts = note.city, scale_text(town.printer.scale), note.frame.turn_deg
    plates = town.plates
    for number, plate in enumerate(plates, start=1):
        mesh = closed_mesh(plate_solid(town, plate, model.today, model.pockets, texts))
        name = f"plate-{plate.name}.{files.kind}"
        held = [str(one.number) for one in model.pockets if one.box.meets(plate.box)]
        pockets = ", ".join(held)
        made = Made(
            kind="plate",
            name=plate.name,
            title=(
                f"platta med ficka {pockets}" if held else "platta",
                f"plate with pocket {pockets}" if held else "plate",
            ),
            file=name,
            size=mesh.size,
            grams=grams_of(mesh),
        )
        if files.kind == "stl":
            files.add_stl(made, mesh)
        else:
            files.add_3mf(name, [(made, Item(f"{note.city} {plate.name}", mesh))])
        progress("plates", number, len(plates))


def _inserts(model: Model, scene: Scene) -> list[tuple[Made, Mesh]]:
    """All pieces, by their pockets."""
    assert scene.layers is not None or not model.pockets
    switches = scene.layers.switches if scene.layers else ()
    found = []
    for pocket in model.pockets:
        for shown, insert in enumerate(pocket.inserts):
            mesh = closed_mesh(insert_solid(model.town, pocket, insert))
            made = Made(
                kind="insert",
                name=insert.code,
                title=_titles(switches, pocket, shown),
                file=f"insert-{insert.code}.stl",
                size=mesh.size,
                grams=grams_of(mesh),
            )
            found.append((made, mesh))
    return found


def _write_inserts(files: _Files, model: Model, scene: Scene) -> None:
    held = _inserts(model, scene)
    if files.kind == "stl":
        for made, mesh in held:
            files.add_stl(made, mesh)
        return
    sizes = [(mesh.size[0], mesh.size[1]) for _, mesh in held]
    for number, bed in enumerate(beds_of(sizes, model.town.printer.bed), start=1):
        name = f"inserts-{number}.3mf"
        files.add_3mf(
            name,
            [
                (
                    replace(held[place][0], file=name),
                    Item(
                        f"{held[place][0].name} {' / '.join(dict.fromkeys(held[place][0].title))}",
                        held[place][1],
                        ((x, y),),
                    ),
                )
                for place, x, y in sorted(bed)
            ],
        )


def _write_keys(files: _Files, model: Model) -> None:
    count = sum(len(keys_of(model.town, seam)) for seam in seams_of(model.town))
    if not count:
        return
    mesh = closed_mesh(key_solid(model.town.clearance))
    made = Made(
        kind="key",
        name="nyckel / key",
        title=("håller ihop plattor", "holds plates together"),
        file=f"keys.{files.kind}",
        size=mesh.size,
        grams=grams_of(mesh),
        count=count,
    )
    if files.kind == "stl":
        files.add_stl(made, mesh)
        return
    beds = beds_of([(mesh.size[0], mesh.size[1])] * count, model.town.printer.bed)
    places = tuple((x, y) for _, x, y in beds[0])
    if len(beds) > 1:
        swedish, english = made.title
        more = (
            f"{swedish}; filen har {len(places)}, skriv ut den {len(beds)} gånger",
            f"{english}; the file has {len(places)}, print it {len(beds)} times",
        )
        made = replace(made, title=more)
    files.add_3mf(made.file, [(made, Item("nyckel / key", mesh, places))])


def write_parts(
    scene: Scene, model: Model, made: Path, kind: str, progress: Progress
) -> dict[str, int]:
    """Writes all parts into a folder, with print.txt; returns how many."""
    note = scene.note
    whose = "; ".join(
        dict.fromkeys(str(one["attribution"]) for one in note.sources if one.get("attribution"))
    )
    about = {
        "Title": f"{note.city} {scale_text(model.town.printer.scale)}",
        "Application": note.made_by,
        "Copyright": whose,
        "Description": f"{PRINT_TEXT} says how the parts join and what is illustrative.",
    }
    files = _Files(made, kind, {name: value for name, value in about.items() if value})
    _write_plates(files, model, scene, progress)
    _write_inserts(files, model, scene)
    _write_keys(files, model)
    switches = scene.layers.switches if scene.layers else ()
    told = Told(
        town=model.town,
        note=note,
        few=model.few,
        left_out=tuple(
            pocket.number
            for pocket in model.pockets
            if states_of(switches, pocket.switches) > MOST_PIECES
        ),
    )
    (made / PRINT_TEXT).write_text(print_text(told, files.parts), "utf-8")
    kinds = [one.kind for one in files.parts for _ in range(one.count)]
    return {
        "plates": kinds.count("plate"),
        "pieces": kinds.count("insert"),
        "keys": kinds.count("key"),
        "triangles": files.triangles,
    }


def export_print(
    world: Path,
    out: Path,
    bounds: Bounds | None,
    force: bool,
    progress: Progress,
    *,
    kind: str,
    printer: Printer,
) -> Exported:
    """A folder with the town for a 3D printer, or with bounds of it on the map. kind: 3mf or
    stl."""
    if kind == "3mf":
        require_lib3mf()
    with opened_scene(world) as scene:
        area = exported_area(scene, bounds)
        return write_export(
            scene,
            out,
            force,
            lambda made: write_parts(
                scene, read_model(scene, area, printer, progress), made, kind, progress
            ),
        )
