"""The program as users install it: from the wheel, far from the checkout; without the packages that
bar some of them; beside packages of other people with the same names."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from pathlib import Path

import pytest

from tests.conftest import PROJECT
from worlds.kernels import kernel_folder

AREA = "619250,6919700,619314,6919764"
BLOCKER = """
import sys
class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("amulet", "amulet_nbt", "PyMCTranslate", "leveldb"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
sys.meta_path.insert(0, Blocker())
from mc_city.__main__ import main
import contextlib, io, json
for words in json.loads(sys.argv[1]):
    sys.argv = ["mc-city", *words]
    out, error, status = io.StringIO(), io.StringIO(), 0
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(error):
        try:
            main()
        except SystemExit as ended:
            status = ended.code or 0
    print(json.dumps({"words": words, "status": status, "error": error.getvalue()}))
"""
"""Several commands, one after the other, in one Python that lacks these packages."""


def environment(**more: str) -> dict[str, str]:
    """Without the checkout; with the kernels that are compiled here already: a kernel's file is
    named by what its code is made of, not by where."""
    inherited = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return inherited | {"NUMBA_CACHE_DIR": str(kernel_folder())} | more


def run(command: list[str], folder: Path, **more: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, env=environment(**more), capture_output=True, text=True, timeout=1800
    )


@pytest.fixture(scope="module")
def source(tmp_path_factory) -> Path:
    """What a checkout holds, without what was built in it."""
    folder = tmp_path_factory.mktemp("checkout") / "source"
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"],
        cwd=PROJECT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    for name in filter(None, listed.stdout.split("\0")):
        if not name.startswith(("tests/", "bench/")) and (PROJECT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(PROJECT / name, folder / name)
    return folder


def wheel_of(source: Path, folder: Path) -> Path:
    """The wheel that pip builds from a folder or an sdist."""
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder)]
    done = run([*command, str(source)], folder)
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl"))


def install(wheel: Path, folder: Path) -> Path:
    """The bin folder of a fresh environment with the wheel, and this one's other packages."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(folder)], check=True)
    python = folder / "bin" / "python"
    asked = [str(python), "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"]
    site, others = run(asked, folder).stdout.strip(), sysconfig.get_path("purelib")
    # A path in a .pth file is searched, but the .pth files in it are not read: no editable install.
    Path(site, "others.pth").write_text(f"{others}\n", "utf-8")
    command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps"]
    done = run([*command, "--no-index", str(wheel)], folder)
    assert done.returncode == 0, done.stderr
    return folder / "bin"


@pytest.fixture(scope="module")
def wheel(source, tmp_path_factory) -> Path:
    return wheel_of(source, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory) -> Path:
    return install(wheel, tmp_path_factory.mktemp("fresh") / "venv")


def test_the_wheel_carries_what_the_program_reads(wheel):
    names = set(zipfile.ZipFile(wheel).namelist())
    shipped = {name for name in names if name.startswith("worlds/shipped_files/")}
    for name in ("configs", "data/sundsvall", "data/fonts", "data/proj"):
        here = {
            path.relative_to(PROJECT).as_posix()
            for path in (PROJECT / name).iterdir()
            if path.is_file() and path.suffix not in (".py", ".pyc")
        }
        assert here
        assert {f"worlds/shipped_files/{path}" for path in here} <= shipped
    page = PROJECT / "mc_city" / "app" / "page"
    pages = {path.relative_to(PROJECT).as_posix() for path in page.rglob("*") if path.is_file()}
    assert len(pages) > 20
    assert pages <= names
    assert {"mc_city/py.typed", "mc_city/handout/guide_sv.html", "terrain/osm/osm.ini"} <= names
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {
        "mc_city", "terrain", "buildings", "worlds",
    }  # fmt: skip


def test_the_installed_program_builds_the_sample_far_from_the_checkout(installed, tmp_path):
    program = str(installed / "mc-city")
    done = run([program, "build", "--area", AREA, "--out", "there", "--jobs", "1"], tmp_path)
    assert done.returncode == 0, done.stderr
    for world in ("there/Sundsvall", "there/Sundsvall.mcworld"):
        told = run([program, "info", world], tmp_path)
        assert told.returncode == 0, told.stderr
        assert "blocks [16, 32, 80, 112]" in told.stdout
    code = "import mc_city, worlds; print(mc_city.read_config(), worlds.__file__)"
    told = run([str(installed / "python"), "-c", code], tmp_path)
    assert told.stdout.startswith("<Config Sundsvall: EPSG:3006, 2048 x 2048 blocks> ")
    assert str(installed.parent) in told.stdout


@pytest.mark.slow
@pytest.mark.parametrize("form", ["wheel", "sdist"])
def test_the_installed_program_builds_the_whole_sample(form, request, tmp_path):
    """From the wheel, and from the one that is built from the sdist."""
    if form == "wheel":
        program = request.getfixturevalue("installed") / "mc-city"
    else:
        shutil.copytree(request.getfixturevalue("source"), tmp_path / "source")
        # pip builds no sdist; what it builds wheels with does, of the version that we ask for.
        wanted = tomllib.loads((PROJECT / "pyproject.toml").read_text("utf-8"))["build-system"]
        pip = [sys.executable, "-m", "pip", "install", "-q", "--target", str(tmp_path / "tools")]
        done = run([*pip, *wanted["requires"]], tmp_path)
        assert done.returncode == 0, done.stderr
        code = "from setuptools.build_meta import build_sdist; build_sdist('..')"
        tools = str(tmp_path / "tools")
        done = run([sys.executable, "-c", code], tmp_path / "source", PYTHONPATH=tools)
        assert done.returncode == 0, done.stderr
        wheel = wheel_of(next(tmp_path.glob("*.tar.gz")), tmp_path)
        program = install(wheel, tmp_path / "venv") / "mc-city"
    done = run([str(program), "build"], tmp_path)
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "Sundsvall.mcworld").stat().st_size > 10_000_000


def test_java_worlds_need_no_amulet_package(tmp_path):
    """Built, looked at, switched and drawn; Bedrock's are refused in two lines."""
    area = ("--area", "619254,6919763,619318,6919827")
    commands = (
        ("build", *area, "--out", "java", "--edition", "java", "--jobs", "1"),
        ("info", "java/Sundsvall"),
        ("layers", "show", "java/Sundsvall", "torget_tower"),
        ("map", "java/Sundsvall", "map.png"),
        ("build", *area, "--out", "both", "--edition", "all"),
    )
    code = [sys.executable, "-c", BLOCKER, json.dumps(commands)]
    done = run(code, tmp_path, PYTHONPATH=str(PROJECT))
    assert done.returncode == 0, done.stderr
    *went, refused = map(json.loads, done.stdout.splitlines())
    assert [one["status"] for one in went] == [0, 0, 0, 0], went
    assert refused["status"] == 1
    assert refused["error"].splitlines()[-2:] == [
        "error: Bedrock worlds need packages that are not installed: PyMCTranslate, amulet, "
        "amulet_nbt, leveldb",
        "hint: pip install 'mc-city[bedrock]', or build with --edition java",
    ]
    assert not (tmp_path / "both").exists()


@pytest.mark.parametrize("form", ["package", "module"])
def test_a_package_of_the_same_name_is_told_of(tmp_path, form):
    other = tmp_path / ("terrain/__init__.py" if form == "package" else "terrain.py")
    other.parent.mkdir(exist_ok=True)
    other.write_text("", "utf-8")
    paths = f"{tmp_path}{os.pathsep}{PROJECT}"
    done = run([sys.executable, "-m", "mc_city", "version"], tmp_path, PYTHONPATH=paths)
    lines = done.stderr.splitlines()
    assert done.returncode == 1
    assert len(lines) == 2
    assert lines[0].startswith("error: the package terrain of mc-city is hidden: Python finds ")
    assert str(tmp_path) in lines[0]
    code = "import mc_city; mc_city.read_config()"
    done = run([sys.executable, "-c", code], tmp_path, PYTHONPATH=paths)
    assert done.stderr.splitlines()[-1].startswith("mc_city.shadowed.ShadowedError: the package")
