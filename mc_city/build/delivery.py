"""A finished build sent to an object store or another place that fsspec reaches: report.json last,
as the mark that it is whole; what a cut sending left is not sent again."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

from mc_city.build.fingerprint import fingerprint
from mc_city.build.publishing import write_whole
from mc_city.build.staging import MARK, claimed, disk_errors, inventory
from mc_city.reports import BuiltReport
from mc_city.settings.config import Config
from mc_city.site.land import Progress
from worlds.bounded import read_file
from worlds.errors import ConfigError, WorldError
from worlds.quoting import json_text

ADDRESS = re.compile(r"([a-z][a-z0-9+.-]+)://[^\s?#]*[^\s?#/]/?")
BEGUN = "sending.json"
"""In a store from the first file to the last: the digests of what is being sent."""
MOST_BYTES = 256 << 20
GOES_ON = "the same command again goes on where it was: what was sent is not sent again"


def is_address(out: object) -> bool:
    """Whether an --out is no folder of this machine's."""
    return isinstance(out, str) and "://" in out


def local_folder(address: str) -> Path:
    """Where that is built which is sent to an address: in the folder that one is in, under a name
    of its own."""
    name = re.sub(r"[^A-Za-z0-9_-]+", "-", address.rstrip("/").rpartition("/")[2]).strip("-")[:60]
    number = hashlib.sha256(address.rstrip("/").encode()).hexdigest()[:8]
    return Path(f"{name or 'out'}-{number}")


@dataclass(frozen=True)
class Store:
    """A folder of a store. address: as it was typed; files: fsspec's file system; root: the
    folder's path in it."""

    address: str
    files: Any
    root: str

    def path(self, name: str) -> str:
        return f"{self.root}/{name}"

    @contextmanager
    def refusals(self) -> Iterator[None]:
        """Turns what a store raises into two lines: each kind has errors of its own."""
        try:
            yield
        except WorldError:
            raise
        except Exception as error:
            said = f"{type(error).__name__}: {error}".replace("\n", " ")[:200]
            raise WorldError(
                f"{self.address}: cannot be reached or written ({said})",
                hint=f"look after its name and your account there; {GOES_ON}",
            ) from error

    def sizes(self) -> dict[str, int]:
        """Bytes of every file below, by its path."""
        with self.refusals():
            try:
                found = self.files.find(self.root, detail=True)
            except FileNotFoundError:
                return {}
            return {
                path.removeprefix(self.root).lstrip("/"): int(facts["size"] or 0)
                for path, facts in found.items()
            }

    def digests(self, name: str) -> dict[str, str]:
        """What a note in the store says of its files; empty where it is none of ours."""
        with self.refusals():
            data = self.files.cat_file(self.path(name), start=0, end=MOST_BYTES)
        with suppress(ValueError, KeyError, TypeError, RecursionError):
            return {str(path): str(digest) for path, digest in json.loads(data)["files"].items()}
        return {}

    def put(self, file: Path, name: str) -> None:
        path = self.path(name)
        with self.refusals():
            self.files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.files.put_file(str(file), path)

    def write(self, name: str, text: str) -> None:
        path = self.path(name)
        with self.refusals():
            self.files.makedirs(path.rpartition("/")[0], exist_ok=True)
            self.files.pipe_file(path, text.encode())

    def remove(self, name: str) -> None:
        with self.refusals(), suppress(FileNotFoundError):
            self.files.rm_file(self.path(name))


def opened_store(address: str) -> Store:
    """The store of an address. ConfigError for what is none; WorldError where fsspec, or what it
    needs for this kind, is not installed."""
    kind = ADDRESS.fullmatch(address)
    if kind is None:
        raise ConfigError(
            f"--out {address}: no folder, and no address of a store either",
            hint="give a folder, or an address as in s3://bucket/sundsvall",
        )
    if find_spec("fsspec") is None:
        raise WorldError(
            f"--out {address} needs a package that is not installed: fsspec",
            hint="pip install 'mc-city[cluster]', or give a folder",
        )
    import fsspec

    try:
        files, root = fsspec.core.url_to_fs(address)
    except (ValueError, ImportError) as error:
        raise WorldError(
            f"--out {address}: {error}".replace("\n", " "),
            hint=f"install what fsspec needs for {kind[1]}:// (s3fs, gcsfs, adlfs), or give a "
            f"folder",
        ) from error
    except Exception as error:
        raise WorldError(
            f"{address}: cannot be opened ({type(error).__name__}: {error})".replace("\n", " "),
            hint="look after its name and your account there",
        ) from error
    return Store(address, files, str(root).rstrip("/"))


def require_free(store: Store, made: Mapping[str, str] | None, force: bool) -> None:
    """WorldError where something stands there that sending would replace. made: digests of what
    waits here to be sent, if it does."""
    there = store.sizes()
    if not there or force:
        return
    hint = "choose another --out, or give --force: what is there is then replaced, and not kept"
    if MARK in there:
        if made is None or store.digests(MARK) != made:
            raise WorldError(f"{store.address} holds a build already", hint=hint)
    elif BEGUN not in there:
        raise WorldError(f"{store.address} holds something that mc-city did not make", hint=hint)
    elif made is None or store.digests(BEGUN) != made:
        raise WorldError(f"{store.address} holds a part of another build", hint=hint)


@dataclass(frozen=True)
class Ledger:
    """What a folder's build is for and how far its sending is, in a file beside it. A line each:
    first the fingerprint of the build and the address, then what was sent."""

    path: Path

    def begin(self, fingerprint: str, address: str) -> None:
        write_whole(self.path, json_text([fingerprint, address]) + "\n")

    def _lines(self) -> list[Any]:
        try:
            text = read_file(self.path, MOST_BYTES).decode("utf-8")
            # The last line may have been cut.
            return [json.loads(line) for line in text.split("\n")[:-1]]
        except (OSError, ValueError, RecursionError):
            return []

    def is_of(self, fingerprint: str, address: str) -> bool:
        return self._lines()[:1] == [[fingerprint, address]]

    def sent(self) -> dict[str, str]:
        """Digest of each file that was sent whole, by its path."""
        return {
            line[0]: line[1]
            for line in self._lines()[1:]
            if isinstance(line, list) and len(line) == 2 and isinstance(line[0], str)
        }

    def add(self, name: str, digest: str) -> None:
        with self.path.open("a", encoding="utf-8", newline="\n") as file:
            file.write(json_text([name, digest]) + "\n")


def ledger_of(folder: Path) -> Ledger:
    return Ledger(folder.with_name(f".{folder.name}.sending"))


def send(
    store: Store, folder: Path, files: Mapping[str, str], ledger: Ledger, progress: Progress
) -> int:
    """Sends a folder that is whole; returns how many files were sent, the rest being there. files:
    digests, by path, without the report."""
    there, sent = store.sizes(), ledger.sent()
    old = {name for note in (MARK, BEGUN) if note in there for name in store.digests(note)}
    if MARK in there and store.digests(MARK) == files:
        whole = all(there.get(name) == (folder / name).stat().st_size for name in files)
        if whole:
            return 0
    store.write(BEGUN, json_text({"files": dict(files)}))
    if MARK in there:
        store.remove(MARK)
    count = 0
    for done, (name, digest) in enumerate(files.items()):
        progress("upload", done, len(files) + 1)
        if sent.get(name) == digest and there.get(name) == (folder / name).stat().st_size:
            continue
        store.put(folder / name, name)
        ledger.add(name, digest)
        count += 1
    for name in sorted(old - set(files)):
        if name in there:
            store.remove(name)
    store.put(folder / MARK, MARK)
    store.remove(BEGUN)
    progress("upload", len(files) + 1, len(files) + 1)
    return count + 1


@dataclass(frozen=True)
class Delivery:
    """What was sent. report: of the build; sent: files that were sent now, the rest being there."""

    report: BuiltReport
    sent: int


def _waiting(folder: Path, ledger: Ledger, wanted: str, address: str) -> BuiltReport | None:
    """The report of a build that waits here, whole, to be sent to an address."""
    if not ledger.is_of(wanted, address):
        return None
    try:
        report = json.loads(read_file(folder / MARK, MOST_BYTES))
        whole = report["files"] == inventory(folder)
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None
    return cast(BuiltReport, {**report, "kept_old_as": None}) if whole else None


def deliver(
    address: str,
    config: Config,
    shown: Sequence[str],
    force: bool,
    progress: Progress,
    make: Callable[[Path], BuiltReport],
    anew: bool = False,
) -> Delivery:
    """Has a build made in a folder of this machine, unless it waits there already, and sends it.
    make: builds into a folder; anew: also when one waits there. WorldError, before any work, where
    something stands at the address."""
    store, folder = opened_store(address), local_folder(address).resolve()
    ledger, wanted = ledger_of(folder), fingerprint(config, shown).text
    report = _waiting(folder, ledger, wanted, address)
    require_free(store, report and report["files"], force)
    if report is None or anew:
        report = make(folder)
        with disk_errors(folder):
            ledger.begin(wanted, address)
    with claimed(folder), disk_errors(folder):
        sent = send(store, folder, report["files"], ledger=ledger, progress=progress)
    return Delivery(report, sent)
