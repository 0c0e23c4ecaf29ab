"""A Bedrock world's folder, and the files that are handed out: .mcworld (a double click imports it)
and .mctemplate."""

from __future__ import annotations

import hashlib
import shutil
import uuid
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from PIL import Image, ImageOps

from worlds.archives import Member, write_archive
from worlds.bedrock.leveldat import BedrockSettings, write_level_dat
from worlds.bedrock.leveldb import write_database
from worlds.bedrock.versions import BedrockVersion
from worlds.quoting import json_file, lang_line

ICON_SIZE = (800, 450)
DATE = (2024, 6, 13, 0, 0, 0)
"""Of every file in an archive, so that equal worlds give equal archives."""
NAMESPACE = uuid.UUID("6d6f5f3b-2f0e-5b1c-9b58-3a1d7c1f4e20")
LANGUAGES = ("en_US", "sv_SE")


def write_icon(picture: Image.Image, target: Path) -> None:
    """The picture that the world list shows, cut from the middle of a map."""
    icon = ImageOps.fit(picture.convert("RGB"), ICON_SIZE, Image.Resampling.LANCZOS)
    icon.save(target, "JPEG", quality=85)


def write_bedrock_world(
    world: Path,
    settings: BedrockSettings,
    parts: Sequence[Path],
    extras: Mapping[bytes, bytes] | None = None,
) -> int:
    """Writes level.dat and the database of the folder `world` from the parts r.X.Z.part of its
    regions; returns the database's bytes.

    extras: other records of the database, by key. What else lies in the folder (packs) stays.
    """
    world.mkdir(parents=True, exist_ok=True)
    write_level_dat(world, settings)
    return write_database(world / "db", parts, extras)


def _files(world: Path) -> list[tuple[str, Path]]:
    """(name in the archive, path) of a world's files: level.dat first, then in order of their
    names.

    Without LevelDB's lock: who opens and closes that file gives up the hold on the world."""
    found = [
        (path.relative_to(world).as_posix(), path)
        for path in world.rglob("*")
        if path.is_file() and path.name != "LOCK"
    ]
    return sorted(found, key=lambda item: (item[0] != "level.dat", item[0]))


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, DATE)
    # Tables are deflated inside, and so is the picture.
    entry.compress_type = (
        zipfile.ZIP_STORED if name.endswith((".ldb", ".jpeg", ".png")) else zipfile.ZIP_DEFLATED
    )
    return entry


def write_mcworld(world: Path, target: Path) -> None:
    """The world's folder as a .mcworld; equal worlds give equal files."""
    write_archive(target, [Member(_entry(name), path) for name, path in _files(world)])


def archive_digest(mcworld: Path) -> str:
    """One number for all that is in a world's archive."""
    with mcworld.open("rb") as source:
        return hashlib.file_digest(source, "sha256").hexdigest()


def template_manifest(digest: str, version: BedrockVersion) -> dict[str, object]:
    """manifest.json of a world template. A changed world gets another identity: the game refuses a
    second one of the same."""
    numbers = list(version.numbers)
    return {
        "format_version": version.manifest,
        "header": {
            "name": "pack.name",
            "description": "pack.description",
            "uuid": str(uuid.uuid5(NAMESPACE, f"template {digest}")),
            "version": [1, 0, 0],
            "base_game_version": numbers,
            "lock_template_options": False,
        },
        "modules": [
            {
                "type": "world_template",
                "uuid": str(uuid.uuid5(NAMESPACE, f"module {digest}")),
                "version": [1, 0, 0],
            }
        ],
    }


def write_mctemplate(
    mcworld: Path, target: Path, version: BedrockVersion, texts: Mapping[str, tuple[str, str]]
) -> None:
    """A world's archive as a .mctemplate, from which every pupil starts a fresh copy. texts: by
    language (en_US, sv_SE), the template's name and description, of one line each. ValueError when
    a language is missing."""
    missing = set(LANGUAGES) - set(texts)
    if missing:
        raise ValueError(f"texts for {', '.join(sorted(missing))} are missing")
    manifest = template_manifest(archive_digest(mcworld), version)
    more = {
        "manifest.json": json_file(manifest),
        "texts/languages.json": json_file(sorted(texts), None),
    }
    for language, (name, description) in texts.items():
        more[f"texts/{language}.lang"] = lang_line("pack.name", name) + lang_line(
            "pack.description", description
        )
    shutil.copyfile(mcworld, target)
    with zipfile.ZipFile(target, "a") as archive:
        for name, text in sorted(more.items()):
            archive.writestr(_entry(name), text.encode("utf-8"))
