"""The server of a built Bento, over real HTTP."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

import tiny_model
from modelops.core.errors import ModelopsError
from modelops.package import server
from tiny_bento import Built

pytestmark = pytest.mark.slow


def request(url: str, body: Any = None) -> tuple[int, str]:
    data = None if body is None else json.dumps(body).encode()
    asked = urllib.request.Request(url, data, {"content-type": "application/json"})  # noqa: S310 - http
    try:
        with urllib.request.urlopen(asked, timeout=10) as answer:  # noqa: S310 - http
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


@pytest.fixture(scope="module")
def url(built: Built) -> Iterator[str]:
    with server.running(built.folder) as address:
        yield address


def test_it_answers_like_the_model(url: str, built: Built) -> None:
    status, text = request(f"{url}/predict", {"rows": [tiny_model.ROW]})
    answer = json.loads(text)
    assert status == 200
    assert f"{answer['model']}:{answer['version']}" == built.record.tag
    assert answer["predictions"][0]["probabilities"]["true"] == pytest.approx(
        tiny_model.expected(tiny_model.ROW), abs=1e-6
    )


def test_health_and_description(url: str) -> None:
    assert request(f"{url}/livez")[0] == 200
    assert request(f"{url}/readyz")[0] == 200
    assert json.loads(request(f"{url}/model")[1])["model"] == "tiny"


def test_metrics_count_answers_by_status_and_forget_unknown_urls(url: str, built: Built) -> None:
    version = built.record.tag.partition(":")[2]
    before = samples(url, version)
    for _ in range(3):
        request(f"{url}/predict", {"rows": [tiny_model.ROW]})
    request(f"{url}/predict", {"rows": []})
    for path in ("/wp-admin.php", "/predict/1", "/", "/docs.json", "/schema.json"):
        assert request(f"{url}{path}")[0] == 404
    after = samples(url, version)
    assert after["200"] - before["200"] == 3
    assert after["422"] - before.get("422", 0) == 1
    assert set(after) - set(before) <= {"422"}
    text = request(f"{url}/metrics")[1]
    labels = {line.split('endpoint="')[1].split('"')[0] for line in text.splitlines() if 'endpoint="' in line}
    assert labels <= {"/predict", "/model", "/livez", "/readyz"}
    assert "bentoml_service_request_duration_seconds_bucket" in text
    assert "bentoml_service_request_in_progress" in text


def samples(url: str, version: str) -> dict[str, float]:
    """Return the count of answers of /predict by status."""
    found = {}
    for line in request(f"{url}/metrics")[1].splitlines():
        if line.startswith("bentoml_service_request_total") and 'endpoint="/predict"' in line:
            assert 'service_name="tiny"' in line
            assert f'service_version="{version}"' in line
            found[line.split('http_response_code="')[1].split('"')[0]] = float(line.rpartition(" ")[2])
    return found


def test_a_30_megabyte_body_is_refused_before_it_is_read(url: str) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=10) as link:
        link.sendall(
            b"POST /predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
        )
        chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
        sent = 0
        try:
            while sent < 30 * 2**20:
                link.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        try:
            head = link.recv(4096).decode("latin-1")
        except OSError:
            head = ""
    assert sent < 30 * 2**20
    assert head == "" or head.startswith("HTTP/1.1 413")
    assert request(f"{url}/livez")[0] == 200


def test_serving_writes_nothing_into_the_cache(url: str, built: Built) -> None:
    request(f"{url}/predict", {"rows": [tiny_model.ROW]})
    assert sorted(path.name for path in (built.cache / "bentoml").iterdir()) == ["bentos", "tmp"]


def test_two_servers_of_one_workspace_keep_their_own_metrics(url: str, built: Built) -> None:
    request(f"{url}/predict", {"rows": [tiny_model.ROW]})
    before = request(f"{url}/metrics")[1]
    with server.running(built.folder) as other:
        assert other != url
        assert samples(other, built.record.tag.partition(":")[2])["200"] == 0
        assert samples(url, built.record.tag.partition(":")[2])["200"] >= 1
    assert request(f"{url}/metrics")[1].count("\n") == before.count("\n")


def test_a_port_in_use_is_said_before_anything_starts(built: Built) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        started = time.monotonic()
        with pytest.raises(ModelopsError, match=f"port {port} on 127.0.0.1 is in use") as caught:
            server.serve(built.folder, "127.0.0.1", port, pytest.fail)
        assert time.monotonic() - started < 0.5
        assert f"--port {port + 1}" in caught.value.hint


@pytest.mark.parametrize("host", ["no.such.host.invalid", "203.0.113.7"])
def test_a_wrong_host_is_said(built: Built, host: str) -> None:
    with pytest.raises(ModelopsError, match=r"has no address|is no address of this machine"):
        server.serve(built.folder, host, 3000, pytest.fail)


def test_a_broken_bento_gives_the_last_lines_of_its_log(tmp_path: Path) -> None:
    with (
        pytest.raises(ModelopsError, match="exit code 1 before it was ready") as caught,
        server.running(tmp_path / "none"),
    ):
        pytest.fail("it cannot be ready")
    assert caught.value.hint


SERVE = """
import sys
from pathlib import Path
from modelops.package.server import serve
serve(Path(sys.argv[1]), "127.0.0.1", 0, lambda url: print(url, flush=True))
print("stopped")
"""


@pytest.mark.parametrize("stop", [signal.SIGTERM, signal.SIGKILL])
def test_it_stops_with_its_starter(built: Built, stop: signal.Signals) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-c", SERVE, str(built.folder)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ},
    )
    assert starter.stdout is not None
    address = starter.stdout.readline().strip()
    assert request(f"{address}/livez")[0] == 200
    starter.send_signal(stop)
    rest, errors = starter.communicate(timeout=20)
    if stop != signal.SIGKILL:
        assert (starter.returncode, rest) == (0, "stopped\n")
        assert "Traceback" not in errors
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:
        try:
            request(f"{address}/livez")
        except (urllib.error.URLError, OSError):
            return
        time.sleep(0.1)
    pytest.fail("the server outlived its starter")
