"""A real nginx on loopback: ranges, logins, refusals, limits, and sending to another host."""

from __future__ import annotations

import base64
import hashlib
import shutil
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

USER, PASSWORD = "gis@sundsvall.example", "hemlig-Åäö-77"
CONF = """\
daemon off;
master_process off;
error_log {folder}/error.log warn;
pid {folder}/nginx.pid;
events {{ worker_connections 64; }}
http {{
  access_log {folder}/access.log combined;
  log_format full "$request|$http_authorization|$status";
  client_body_temp_path {folder}/tmp1; proxy_temp_path {folder}/tmp2; fastcgi_temp_path {folder}/tmp3;
  uwsgi_temp_path {folder}/tmp4; scgi_temp_path {folder}/tmp5;
  default_type application/octet-stream;
  limit_req_zone $binary_remote_addr zone=few:1m rate=1r/m;
  server {{
    listen 127.0.0.1:{port};
    root {folder}/root;
    location /files/ {{ }}
    location /locked/ {{ auth_basic "Authorization Server"; auth_basic_user_file {folder}/users; }}
    location /forbidden/ {{ return 403 "<html><h1>Forbidden</h1> <p>not ordered</p></html>"; }}
    location /few/ {{ limit_req zone=few; limit_req_status 429; alias {folder}/root/files/; }}
    location /later/ {{ add_header Retry-After 7200 always; return 503; }}
    location /busy/ {{ return 503; }}
    location /away/ {{ rewrite ^/away/(.*)$ https://elsewhere.example/files/$1 redirect; }}
    location /unsafe/ {{ return 302 http://elsewhere.example/files/a.bin; }}
    location /round/ {{ return 302 https://data.example/round/; }}
    location /page/ {{ default_type text/html; return 200 "<!DOCTYPE html><title>Log in</title><body>Please log in</body>"; }}
  }}
  server {{
    listen 127.0.0.1:{other};
    root {folder}/root;
    access_log {folder}/elsewhere.log full;
  }}
}}
"""  # noqa: E501


def hashed(password: str) -> str:
    """As `htpasswd -s` writes it."""
    return "{SHA}" + base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()


@dataclass(frozen=True)
class Nginx:
    folder: Path
    port: int
    other: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def elsewhere(self) -> str:
        return f"http://127.0.0.1:{self.other}"

    def put(self, name: str, data: bytes) -> Path:
        """Below the root; replaces what is there."""
        path = self.folder / "root" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def log(self, name: str) -> str:
        path = self.folder / f"{name}.log"
        return path.read_text("utf-8") if path.exists() else ""


def free_port() -> int:
    """One that the kernel gives, and that is free again."""
    with socket.create_server(("127.0.0.1", 0)) as one:
        return int(one.getsockname()[1])


def is_up(port: int) -> bool:
    with socket.socket() as one:
        return one.connect_ex(("127.0.0.1", port)) == 0


def started(folder: Path) -> tuple[subprocess.Popen[bytes], list[int]]:
    """nginx on two ports; on others where somebody took them meanwhile."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    assert program, "install nginx-light: the tests of fetching need a real server"
    for _ in range(5):
        ports = [free_port(), free_port()]
        conf = folder / "nginx.conf"
        conf.write_text(CONF.format(folder=folder, port=ports[0], other=ports[1]), "utf-8")
        process = subprocess.Popen(
            [program, "-p", str(folder), "-c", str(conf), "-e", str(folder / "error.log")]
        )
        while process.poll() is None:
            if is_up(ports[0]):
                return process, ports
            with suppress(subprocess.TimeoutExpired):
                process.wait(0.02)
    raise AssertionError((folder / "error.log").read_text("utf-8"))


@contextmanager
def serving(folder: Path) -> Iterator[Nginx]:
    """nginx with two servers on ports of their own."""
    (folder / "root").mkdir(parents=True)
    (folder / "users").write_text(f"{USER}:{hashed(PASSWORD)}\n", "utf-8")
    process, ports = started(folder)
    try:
        yield Nginx(folder, *ports)
    finally:
        process.terminate()
        process.wait(20)
