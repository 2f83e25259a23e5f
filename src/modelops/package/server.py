"""Serving a built Bento on this machine: the same server, code and environment as in the image."""

from __future__ import annotations

import errno
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from modelops.core.errors import ModelopsError
from modelops.package import bento as bentos

HOST = "127.0.0.1"
READY_SECONDS = 60.0
STOP_SECONDS = 10.0
_PAUSE_SECONDS = 0.05
_USABLE_HOSTS = "use 127.0.0.1, or 0.0.0.0 for all interfaces"
_LAUNCH = Path(__file__).with_name("launch.py")


@contextmanager
def running(bento: Path, *, host: str = HOST, port: int = 0, timeout: float = READY_SECONDS) -> Iterator[str]:
    """Serve a Bento in a process of its own, and stop it at the end.

    Parameters
    ----------
    bento : Path
        The Bento's folder, as `bento.folder(cache, tag)` names it.
    host : str
        Address to listen on.
    port : int
        Port to listen on; 0 takes a free one.
    timeout : float
        Seconds within which the server must be ready.

    Yields
    ------
    str
        The server's URL, without a slash at the end.

    Raises
    ------
    ModelopsError
        When the address cannot be used, or the server does not get ready.
    """
    with tempfile.TemporaryFile() as log, _started(bento, host, port, log) as (process, url):
        _wait_ready(process, url, timeout, log)
        yield url


def serve(bento: Path, host: str, port: int, ready: Callable[[str], None]) -> None:
    """Serve a Bento until Ctrl-C or SIGTERM; `ready` is called once with the URL.

    Raises
    ------
    ModelopsError
        When the address cannot be used, the server does not get ready, or it ends by itself.
    """
    before = signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        with _started(bento, host, port, None) as (process, url):
            _wait_ready(process, url, READY_SECONDS, None)
            ready(url)
            code = process.wait()
        raise ModelopsError(f"the server ended by itself with exit code {code}", hint="its last lines above say why")
    except KeyboardInterrupt:
        return
    finally:
        signal.signal(signal.SIGTERM, before)


def available(host: str, port: int) -> int:
    """Return the port, or a free one for 0, when it can be listened on.

    Raises
    ------
    ModelopsError
        When the host has no address here, or the port is in use or not allowed.
    """
    return _free_port(_address(host), port)


@contextmanager
def _started(bento: Path, host: str, port: int, log: IO[bytes] | None) -> Iterator[tuple[subprocess.Popen[bytes], str]]:
    # A home of its own: BentoML empties the metrics folder in it, which a second server may be using.
    with tempfile.TemporaryDirectory(prefix="modelops-serve-") as home:
        process, url = _start(bento, host, port, log, Path(home))
        try:
            yield process, url
        finally:
            _stop(process)


def _start(bento: Path, host: str, port: int, log: IO[bytes] | None, home: Path) -> tuple[subprocess.Popen[bytes], str]:
    address = _address(host)
    port = _free_port(address, port)
    # By its path, not as a module: the server must import the `modelops` in the Bento, not this one.
    command = [sys.executable, "-P", str(_LAUNCH), str(bento), address, str(port)]
    process = subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=log if log is not None else sys.stderr,
        stderr=subprocess.STDOUT if log is not None else None,
        env=bentos.environment(home),
        start_new_session=True,  # Ctrl-C reaches this process only, which then stops the server in order
    )
    reachable = {"0.0.0.0": HOST, "::": "::1"}.get(address, address)  # noqa: S104 - compared, not bound
    return process, f"http://[{reachable}]:{port}" if ":" in reachable else f"http://{reachable}:{port}"


def _address(host: str) -> str:
    """Return the numeric address that BentoML asks for."""
    try:
        return str(socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)[0][4][0])
    except OSError:
        raise ModelopsError(f'the host "{host}" has no address', hint=_USABLE_HOSTS) from None


def _free_port(address: str, port: int) -> int:
    """Return the port, or a free one for 0, after trying whether it can be listened on."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((address, port))
            probe.listen(1)
        except OSError as error:
            raise _unusable(address, port, error) from None
        found: int = probe.getsockname()[1]
        return found


def _unusable(address: str, port: int, error: OSError) -> ModelopsError:
    if error.errno == errno.EADDRINUSE:
        hint = f"stop what listens there, or choose another: --port {port + 1}"
        return ModelopsError(f"port {port} on {address} is in use", hint=hint)
    if error.errno == errno.EACCES:
        return ModelopsError(f"port {port} may not be used by this user", hint="choose one above 1023: --port 3000")
    if error.errno == errno.EADDRNOTAVAIL:
        return ModelopsError(f"{address} is no address of this machine", hint=_USABLE_HOSTS)
    return ModelopsError(f"cannot listen on {address}, port {port}: {error.strerror}")


def _wait_ready(process: subprocess.Popen[bytes], url: str, timeout: float, log: IO[bytes] | None) -> None:
    deadline = time.monotonic() + timeout
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    while time.monotonic() < deadline:
        if process.poll() is not None:
            message = f"the server ended with exit code {process.returncode} before it was ready"
            raise ModelopsError(message, hint=_last_lines(log))
        try:
            with opener.open(f"{url}/readyz", timeout=2):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(_PAUSE_SECONDS)
    raise ModelopsError(f"the server was not ready within {timeout:g} seconds", hint=_last_lines(log))


def _last_lines(log: IO[bytes] | None) -> str:
    if log is None:
        return "its lines above say why"
    log.seek(0)
    return "\n  ".join(log.read().decode("utf-8", "replace").strip().splitlines()[-15:])


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Ask the server to stop, and end its processes when it does not."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    if process.stdin is not None:
        process.stdin.close()
