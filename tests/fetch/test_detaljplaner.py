"""The national search for detaljplaner: a token for a key, plans page by page, a file for each."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import pytest

from mc_city.fetch.credentials import LANTMATERIET_KEYS
from mc_city.fetch.sources import detaljplaner as source
from mc_city.settings.config import read_config
from tests.commands import run
from tests.detaljplaner import entry, place, plan, use
from tests.fetch.answerer import Answerer, Reply
from tests.fetch.served import write_config
from worlds.notes import read_source_notes

KEY, SECRET, TOKEN = "nyckeln", "hemligt-ord-7", "token.till-4711"
PLANS = 'plans = "lantmateriet"'
FLAT = "[terrain]\nflat_m = 3.0"
API, PORTAL = "api.lantmateriet.se", "apimanager.lantmateriet.se"
BASIC = base64.b64encode(f"{KEY}:{SECRET}".encode()).decode()


def found(key: str, role: str = "detaljplan") -> dict:
    href = f"https://{API}/distribution/geodatakatalog/nedladdning/v1/asset/{key}"
    return {
        "type": "Feature", "id": key, "geometry": None,
        "properties": {"feature": {"typ": "detaljplan"}, "detaljplan": {"namn": f"Plan {key}"}},
        "assets": {"0": {"roles": ["planbeskrivning"], "href": f"{href}.pdf"},
                   "1": {"roles": [role], "href": href}},
    }  # fmt: skip


class Platform:
    """plans: id → the file; nameless: ids of plans without a file."""

    def __init__(self, plans: dict[str, bytes], nameless: tuple[str, ...] = ()):
        self.plans, self.nameless, self.bodies = plans, nameless, []

    def token(self, asked):
        if asked.headers.get("authorization") != f"Basic {BASIC}":
            return Reply(b'{"error":"invalid_client"}', 401, "application/json")
        assert asked.body == b"grant_type=client_credentials"
        said = {"access_token": TOKEN, "token_type": "Bearer", "expires_in": 3600}
        return Reply(json.dumps(said).encode(), kind="application/json")

    def search(self, asked):
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(b'{"code":"900902","message":"Missing Credentials"}', 401)
        body = json.loads(asked.body)
        self.bodies.append(body)
        assert asked.query["crs"] == asked.query["bbox-crs"] == source.CRS84
        keys = sorted([*self.plans, *self.nameless])
        after = [key for key in keys if key > body.get("afterId", "")]
        page = [
            found(key, "grundkarta" if key in self.nameless else "detaljplan")
            for key in after[: body["limit"]]
        ]
        whole = {"type": "FeatureCollection", "features": page}
        return Reply(json.dumps(whole).encode(), kind="application/geo+json")

    def asset(self, asked):
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return Reply(status=401)
        return Reply(self.plans[asked.path.rpartition("/")[2]])


@pytest.fixture
def platform(answerer: Answerer, mirrored, monkeypatch) -> Platform:
    one = plan("plan-1", plangeometri=place(-60, -60, 60, 60))
    ridge = use()
    first = json.dumps({"features": [one, ridge]}).encode()
    other = plan("plan-2", namn="Kv Brandstationen")
    # Its provision names another plan: in a file of one plan it is that plan's all the same.
    second = json.dumps({"features": [other, use(key="somebody else's")]}).encode()
    served = Platform({"a-1": first, "b-2": second}, nameless=("c-3",))
    routes = {"/oauth2/token": served.token, "/distribution/geodatakatalog/sokning":
              served.search, "/distribution/geodatakatalog/nedladdning": served.asset}  # fmt: skip
    answerer.routes.update(routes)
    mirrored({API: answerer.url, PORTAL: answerer.url})
    for name, value in zip(LANTMATERIET_KEYS.variables, (KEY, SECRET), strict=True):
        monkeypatch.setenv(name, value)
    return served


def files_that_tell(folder: Path) -> list[Path]:
    words = [word.encode() for word in (SECRET, TOKEN, BASIC)]
    return [
        path
        for path in folder.rglob("*")
        if path.is_file() and any(word in path.read_bytes() for word in words)
    ]


def test_all_plans_of_the_area_come_in_one_file(platform, tmp_path, monkeypatch):
    monkeypatch.setattr(source, "LIMIT", 2)
    config = write_config(tmp_path, PLANS, FLAT)
    done = run("fetch", config)
    assert done.returncode == 0, done.stderr
    path = tmp_path / "data" / "lm-detaljplaner.json"
    features = json.loads(path.read_text("utf-8"))["features"]
    kinds = [(one["properties"]["feature:typ"], one["properties"].get("detaljplan"))
             for one in features]  # fmt: skip
    assert kinds == [
        ("detaljplan", None), ("användningsbestämmelse", "plan-1"),
        ("detaljplan", None), ("användningsbestämmelse", "plan-2"),
    ]  # fmt: skip
    assert [body.get("afterId") for body in platform.bodies] == [None, "b-2"]
    assert "1 detaljplaner of the area have no file" in done.stderr
    (named,) = read_config(config).plans.detaljplaner
    assert str(path) in str(named)
    (said,) = read_source_notes(tmp_path / "data" / "sources.toml")
    assert "© Lantmäteriet, Detaljplan" in said["attribution"]
    assert files_that_tell(tmp_path) == []
    assert SECRET not in done.stderr
    assert TOKEN not in done.stderr


def test_without_a_key_the_size_is_guessed_and_the_way_to_one_is_said(
    platform, tmp_path, monkeypatch
):
    for name in LANTMATERIET_KEYS.variables:
        monkeypatch.delenv(name)
    config = write_config(tmp_path, PLANS, FLAT)
    done = run("fetch", config, "--dry-run")
    assert done.returncode == 0, done.stderr
    assert "detaljplaner, Lantmäteriet: about" in done.stderr
    done = run("fetch", config)
    assert done.returncode == 1
    assert "mc-city login lantmateriet-keys" in done.stderr
    assert platform.bodies == []


@pytest.mark.usefixtures("platform")
def test_a_wrong_key_and_one_that_may_not_are_told_apart(tmp_path, monkeypatch, answerer):
    config = write_config(tmp_path, PLANS, FLAT)
    monkeypatch.setenv(LANTMATERIET_KEYS.variables[1], "fel")
    done = run("fetch", config)
    assert done.returncode == 1
    assert "the key or its secret is wrong" in done.stderr
    monkeypatch.setenv(LANTMATERIET_KEYS.variables[1], SECRET)
    answerer.routes["/distribution/geodatakatalog/sokning"] = lambda _: Reply(
        b'{"code":"900908","message":"Resource forbidden"}', 403
    )
    done = run("fetch", config)
    assert done.returncode == 1
    assert "this key may not search detaljplaner" in done.stderr


def test_the_older_place_of_tokens_is_asked_where_the_new_one_is_gone(platform, tmp_path, answerer):
    del answerer.routes["/oauth2/token"]
    answerer.routes["/token"] = platform.token
    assert run("fetch", write_config(tmp_path, PLANS, FLAT)).returncode == 0
    assert answerer.paths()[:2] == ["/oauth2/token", "/token"]


def test_files_that_are_no_plan_are_counted(platform, tmp_path):
    platform.plans["b-2"] = b"%PDF-1.7"
    platform.plans["d-4"] = json.dumps({"features": [entry(typ_="grundkarta")]}).encode()
    done = run("fetch", write_config(tmp_path, PLANS, FLAT))
    assert done.returncode == 0, done.stderr
    assert "2 files are no detaljplan that can be read" in done.stderr


def test_a_plan_is_one_in_capitals_and_beside_what_is_no_feature(platform, tmp_path):
    one = plan("plan-2")
    one["properties"]["feature:typ"] = "Detaljplan"
    platform.plans["b-2"] = json.dumps({"features": [None, one, {"type": "Feature"}]}).encode()
    done = run("fetch", write_config(tmp_path, PLANS, FLAT))
    assert done.returncode == 0, done.stderr
    assert "no detaljplan that can be read" not in done.stderr
    whole = json.loads((tmp_path / "data" / "lm-detaljplaner.json").read_text("utf-8"))
    names = [entry["properties"].get("objektidentitet") for entry in whole["features"]]
    assert names == ["plan-1", None, "plan-2"]


@pytest.mark.parametrize(
    ("told", "roles"), [("Kv Väktaren", "detaljplan"), (["x"], 5), (None, None)]
)
def test_what_the_search_says_in_another_form_is_read(platform, tmp_path, answerer, told, roles):
    search = platform.search

    def other(asked):
        page = json.loads(search(asked).body)
        feature = page["features"][0]
        feature["properties"]["detaljplan"] = told
        feature["assets"]["0"]["roles"] = 5
        feature["assets"]["1"]["roles"] = roles
        return Reply(json.dumps(page).encode(), kind="application/geo+json")

    answerer.routes["/distribution/geodatakatalog/sokning"] = other
    done = run("fetch", write_config(tmp_path, PLANS, FLAT))
    assert done.returncode == 0, done.stderr
    left = 1 if roles == "detaljplan" else 2
    assert f"{left} detaljplaner of the area have no file" in done.stderr


def test_plans_that_the_search_does_not_name_are_told_by_their_files(platform, tmp_path, answerer):
    """And one whose file has no address is counted."""
    search = platform.search

    def nameless(asked):
        page = json.loads(search(asked).body)
        for feature in page["features"]:
            feature["id"] = None
        page["features"].append(found("d-4"))
        page["features"][-1]["assets"]["1"]["href"] = "https://[x"
        return Reply(json.dumps(page).encode(), kind="application/geo+json")

    answerer.routes["/distribution/geodatakatalog/sokning"] = nameless
    done = run("fetch", write_config(tmp_path, PLANS, FLAT))
    assert done.returncode == 0, done.stderr
    assert "2 detaljplaner of the area have no file" in done.stderr
    whole = json.loads((tmp_path / "data" / "lm-detaljplaner.json").read_text("utf-8"))
    assert len(whole["features"]) == 4


def test_a_token_that_ends_in_the_middle_is_no_wrong_key(platform, tmp_path, answerer):
    asset, asked_for = platform.asset, []

    def ending(asked):
        asked_for.append(asked.path)
        return Reply(b'{"code":"900901"}', 401) if len(asked_for) == 2 else asset(asked)

    answerer.routes["/distribution/geodatakatalog/nedladdning"] = ending
    config = write_config(tmp_path, PLANS, FLAT)
    done = run("fetch", config)
    assert done.returncode == 1
    assert "lets a program in for some time only" in done.stderr
    assert "is wrong" not in done.stderr
    assert run("fetch", config).returncode == 0
    assert len(asked_for) == 3
