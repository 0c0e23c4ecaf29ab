"""Who may ask the window: nobody but this machine's own browser with the token, on our pages."""

from __future__ import annotations

import http.server
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import httpx2
import pytest

from mc_city.app.server import Window
from tests.app.conftest import until

CHANGE = {"X-MC-City": "1", "Content-Type": "application/json"}
MEASURE = "/api/choose/measure"
BODY = json.dumps({"bounds": [619000, 6919000, 619100, 6919100]})


@pytest.fixture
def client(window: Window) -> Iterator[httpx2.Client]:
    """With the cookie, as the browser has it."""
    address = f"http://127.0.0.1:{window.port}"
    cookies = {f"mc-city-{window.port}": window.token}
    with httpx2.Client(base_url=address, cookies=cookies, trust_env=False, timeout=30) as client:
        yield client


def test_it_listens_on_loopback_only(window):
    assert window.socket.getsockname()[0] == "127.0.0.1"
    for family, kind, number, _, address in socket.getaddrinfo(socket.gethostname(), window.port):
        if address[0].startswith("127.") or kind != socket.SOCK_STREAM:
            continue
        with socket.socket(family, kind, number) as other:
            other.settimeout(2)
            assert other.connect_ex(address) != 0


def test_without_the_token_nothing_is_told_and_the_page_says_how_to_get_in(window):
    with httpx2.Client(base_url=f"http://127.0.0.1:{window.port}", trust_env=False) as stranger:
        for path in ("/", "/main.js", "/api/words", "/api/project", "/?token=", "/?token=guess"):
            refused = stranger.get(path)
            assert refused.status_code == 403
            assert "mc-city app" in refused.text
            assert "set-cookie" not in refused.headers
        stranger.cookies.set(f"mc-city-{window.port}", "guess")
        assert stranger.get("/").status_code == 403
        # Only the door itself takes a token.
        assert stranger.get(f"/api/words?token={window.token}").status_code == 403


def test_the_token_becomes_a_cookie_that_no_script_reads_and_leaves_the_address(window):
    with httpx2.Client(trust_env=False) as browser:
        entered = browser.get(window.address)
        assert entered.status_code == 303
        assert entered.headers["location"] == "/"
        cookie = entered.headers["set-cookie"]
        assert cookie.startswith(f"mc-city-{window.port}={window.token};")
        assert {"HttpOnly", "SameSite=strict"} <= set(cookie.split("; "))
        assert browser.get(f"http://127.0.0.1:{window.port}/").status_code == 200


def test_two_windows_have_tokens_and_cookies_of_their_own(window):
    other = Window(window.project)
    try:
        assert other.token != window.token
        assert other.port != window.port
        assert len(window.token) >= 43
    finally:
        other.socket.close()


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:{port}", "127.0.0.1", "127.0.0.1:1", "[::1]:{port}", ""]
)
def test_a_foreign_host_is_refused_though_the_cookie_is_right(window, client, host):
    """A name of another site that leads to this machine is still that site's."""
    assert client.get("/api/words").status_code == 200
    assert client.get("/api/words", headers={"Host": f"localhost:{window.port}"}).status_code == 200
    asked = {"Host": host.format(port=window.port)}
    assert client.get("/api/words", headers=asked).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
def test_what_another_site_asks_is_refused(client, headers):
    assert client.get("/api/words", headers=headers).status_code == 403
    asked = client.post(MEASURE, content=BODY, headers=CHANGE | headers)
    assert asked.status_code == 403


def test_what_changes_something_is_no_simple_request(window, client):
    own = {"Origin": f"http://127.0.0.1:{window.port}", "Sec-Fetch-Site": "same-origin"}
    assert client.post(MEASURE, content=BODY, headers=CHANGE | own).status_code == 200
    for headers in (
        {"Content-Type": "application/json"},
        CHANGE | {"X-MC-City": "0"},
        CHANGE | {"Content-Type": "text/plain"},
        CHANGE | {"Content-Type": "application/x-www-form-urlencoded"},
    ):
        assert client.post(MEASURE, content=BODY, headers=headers).status_code == 403
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert client.request(method, MEASURE, headers=CHANGE).status_code == 403
    assert client.get(MEASURE).status_code == 404


def test_every_answer_says_what_browsers_shall_not_do(client):
    for path in ("/", "/main.js", "/api/words", "/nothing"):
        headers = client.get(path).headers
        assert "default-src 'self'" in headers["content-security-policy"]
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["cache-control"] == "no-store"
        assert "access-control-allow-origin" not in headers
        assert "server" not in headers


@pytest.mark.parametrize(
    "path",
    [
        "/../server.py", "/%2e%2e/server.py", "/..%2fserver.py", "/rooms/../../server.py",
        "/..%5cserver.py", "//etc/passwd", "/%2fetc%2fpasswd", "/words/..%2f..%2f..%2fcli.py",
        "/%00", "/rooms/choose.js%00.png",
    ],
)  # fmt: skip
def test_no_path_leads_out_of_the_page(window, path):
    """Sent as it stands: a client would have put it in order."""
    cookie = f"mc-city-{window.port}={window.token}"
    with socket.create_connection(("127.0.0.1", window.port), timeout=10) as raw:
        raw.sendall(
            f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{window.port}\r\nCookie: {cookie}\r\n"
            f"Connection: close\r\n\r\n".encode()
        )
        answer = b"".join(iter(lambda: raw.recv(65536), b""))
    assert answer.split(b" ")[1] in (b"404", b"400", b"405", b"307")
    assert b"import" not in answer
    assert b"root:" not in answer


def test_a_question_that_is_none_is_told_in_two_lines(client):
    for body in (
        "", "{", "[]", '{"bounds": [1, 2, 3]}', '{"bounds": ["1", 2, 3, 4]}',
        '{"bounds": [0, 0, NaN, 1]}', '{"bounds": [0, 0, 1, 1], "more": 1}',
        '{"bounds": [5, 5, 1, 1]}', '{"bounds": [0, 0, 1e12, 1e12]}', "[" * 100_000,
    ):  # fmt: skip
        told = client.post(MEASURE, content=body, headers=CHANGE)
        assert told.status_code == 400, body[:40]
        assert set(told.json()) == {"error", "hint"}
    assert client.post(MEASURE, content=b" " * 5_000_000, headers=CHANGE).status_code == 413


@contextmanager
def other_site(page: str) -> Iterator[str]:
    """Another server of this machine, to which the browser sends the window's cookie too: cookies
    know no ports."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(page.encode())

        def log_message(self, *_: object) -> None:
            """Nobody reads it."""

    server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_page_of_another_site_in_the_same_browser_gets_nothing(window, browser):
    ours = f"http://127.0.0.1:{window.port}"
    page = f"""<!doctype html><title>other</title>
        <img src="{ours}/api/choose/picture.png"><iframe src="{ours}/" name="inner"></iframe>
        <iframe name="answer"></iframe><script src="{ours}/main.js"></script>
        <form method="post" enctype="text/plain" action="{ours}{MEASURE}" target="answer">
        <input name='{{"bounds":[0,0,1,1],"more":"' value='"}}'></form><script>
        const asked = [fetch("{ours}/api/words"), fetch("{ours}/api/words", {{mode: "no-cors"}}),
          fetch("{ours}{MEASURE}", {{method: "POST", mode: "no-cors", credentials: "include"}}),
          fetch("{ours}{MEASURE}", {{method: "POST", credentials: "include", body: "{{}}",
            headers: {{"X-MC-City": "1", "Content-Type": "application/json"}}}})];
        document.forms[0].submit();
        Promise.allSettled(asked).then((all) => {{
          document.title = all.map((one) => one.value ? one.value.type : "refused").join(" ");
        }});</script>"""
    context = browser.new_context()
    try:
        own = context.new_page()
        own.goto(window.address)
        own.wait_for_selector("#place > .room[data-ready]")
        statuses: list[tuple[str, int]] = []
        with other_site(page) as address:
            stranger = context.new_page()
            stranger.on(
                "response",
                lambda found: (
                    statuses.append((found.url, found.status)) if ours in found.url else None
                ),
            )
            stranger.goto(address)
            until(lambda: stranger.title() != "other")
            until(lambda: any(MEASURE in url for url, _ in statuses))
            assert stranger.title().split()[0] == "refused"
            assert stranger.title().split()[3] == "refused"
            assert statuses
            assert {status for _, status in statuses} == {403}
        # Its own page goes on as before.
        own.reload()
        own.wait_for_selector("#place > .room[data-ready]")
    finally:
        context.close()
