"""Requests per second of the served Bento against other ways to serve the same model, on the same machine.

    python benchmarks/serving.py [--seconds 3] [--only NAME]

Trains `specs/flight-delay.yaml` in a temporary folder, starts one server after the other with one worker each, sends
test rows from this process over kept-alive connections, and prints a table. Every server's answers are compared with
the pipeline's first. Figures of one machine compare with each other, not with those of another machine.
"""

from __future__ import annotations

import argparse
import asyncio
import dataclasses
import json
import os
import statistics
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import skops.io
import uvloop

from modelops.core.store import Store
from modelops.data.frame import read
from modelops.data.load import load
from modelops.data.split import split
from modelops.package import server
from modelops.package.bento import environment, folder
from modelops.package.build import package
from modelops.serving.predictor import Predictor
from modelops.serving.signature import Signature
from modelops.spec.load import load_settings, load_spec
from modelops.train.run import train

ROOT = Path(__file__).resolve().parents[1]
BATCH = 100


@dataclasses.dataclass(frozen=True)
class Subject:
    """The model in every shape that a server wants, and rows to send."""

    work: Path
    bento: Path
    exported: Path
    fitted: Path
    rows: list[dict[str, Any]]
    expected: np.ndarray


@dataclasses.dataclass(frozen=True)
class Peer:
    """A way to serve: how to start it, where to send rows and how to read its answer."""

    name: str
    start: Callable[[Subject], AbstractContextManager[str]]
    path: str
    body: Callable[[list[dict[str, Any]]], Any]
    late: Callable[[Any], list[float]]


def subject(work: Path) -> Subject:
    """Train, export and package the model."""
    spec, store = load_spec(ROOT, "flight-delay"), Store(work / "store")
    data = load(spec, ROOT, store)
    record = train(spec, data, ROOT, store)
    packaged = package(spec, record, load_settings(ROOT), store, work)
    exported = store.checkout(record.files, work / "exported")
    pipeline = store.path(record.pipeline)
    trusted = tuple(skops.io.get_untrusted_types(file=pipeline))
    dataclasses.replace(Signature.read(exported), format="skops", trusted=trusted).write(work / "fitted")
    fitted = store.checkout({"model.skops": record.pipeline}, work / "fitted")
    frame = read(store, data)
    test = frame[split(spec, frame).test].head(BATCH)[list(spec.features.columns)]
    rows = [{key: None if value != value else value for key, value in row.items()} for row in test.to_dict("records")]
    expected = Predictor.load(fitted).predict({name: test[name].to_numpy() for name in test}).probabilities
    assert expected is not None
    return Subject(work, folder(work, packaged.tag), exported, fitted, rows, expected[:, 1])


BENTOML = """
    import bentoml, pandas as pd
    from pathlib import Path
    from modelops.serving.encode import encode
    from modelops.serving.signature import Signature
    import skops.io

    FOLDER = Path({folder!r})

    @bentoml.service(workers=1)
    class Peer:
        def __init__(self):
            self.kinds = [e for column in Signature.read(FOLDER).inputs for e in column.encodings]
            file = FOLDER / "model.skops"
            self.model = skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))

        @bentoml.api
        def predict(self, rows: list[dict]) -> list[float]:
            frame = pd.DataFrame(rows)
            frame = pd.DataFrame({{name: encode(kind, frame[name].to_numpy()) for name, kind in self.kinds}})
            return self.model.predict_proba(frame)[:, 1].tolist()
"""

STARLETTE = """
    from pathlib import Path
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from modelops.serving.predictor import Predictor

    MODEL = Predictor.load(Path({folder!r}))

    async def predict(request):
        rows = (await request.json())["rows"]
        answer = MODEL.predict({{name: [row[name] for row in rows] for name in rows[0]}})
        return JSONResponse(answer.probabilities[:, 1].tolist())

    app = Starlette(routes=[Route("/predict", predict, methods=["POST"])])
"""

MLFLOW = """
    import sys
    from pathlib import Path
    import mlflow.pyfunc, numpy as np, pandas as pd, skops.io
    from modelops.serving.encode import encode
    from modelops.serving.signature import Signature

    class Peer(mlflow.pyfunc.PythonModel):
        def load_context(self, context):
            folder = Path({folder!r})
            file = folder / "model.skops"
            self.kinds = [e for column in Signature.read(folder).inputs for e in column.encodings]
            self.model = skops.io.load(file, trusted=skops.io.get_untrusted_types(file=file))

        def predict(self, context, model_input, params=None):
            frame = pd.DataFrame({{name: encode(kind, model_input[name].to_numpy()) for name, kind in self.kinds}})
            return self.model.predict_proba(frame)[:, 1]

    mlflow.models.set_model(Peer())
    if __name__ == "__main__":
        mlflow.pyfunc.save_model(sys.argv[1], python_model=__file__, pip_requirements=["scikit-learn"])
"""


@contextmanager
def started(command: list[str], url: str, work: Path) -> Iterator[str]:
    """Run a server, wait until it answers anything at all, and stop it at the end."""
    log = (work / "log").open("wb")
    tools = {**environment(work / "bentoml-home"), "OMP_NUM_THREADS": "1", "MLFLOW_DISABLE_TELEMETRY": "true"}
    process = subprocess.Popen(command, cwd=work, env=tools, stdout=log, stderr=log)
    try:
        for _ in range(1200):
            assert process.poll() is None, (work / "log").read_text()[-2000:]
            try:
                urllib.request.urlopen(url, timeout=1)  # noqa: S310 - http
            except urllib.error.HTTPError:
                break
            except OSError:
                time.sleep(0.05)
            else:
                break
        yield url
    finally:
        process.terminate()
        process.wait(20)


def written(given: Subject, name: str, code: str, model: Path) -> Path:
    """Write a peer's program and return its file."""
    file = given.work / f"{name}.py"
    file.write_text(textwrap.dedent(code).format(folder=str(model)))
    return file


def free_port() -> int:
    """Return a port that nothing listens on."""
    return server.available("127.0.0.1", 0)


def modelops_bento(given: Subject) -> AbstractContextManager[str]:
    """Start what this project ships."""
    return server.running(given.bento)


def bentoml_plain(given: Subject) -> AbstractContextManager[str]:
    """Start a typical BentoML service: typed API, DataFrame, scikit-learn."""
    port = free_port()
    written(given, "peer_bentoml", BENTOML, given.fitted)
    command = [
        sys.executable,
        "-m",
        "bentoml",
        "serve",
        "peer_bentoml:Peer",
        "--host",
        "127.0.0.1",
        "--port",
        str(port),
    ]
    return started(command, f"http://127.0.0.1:{port}", given.work)


def starlette(given: Subject) -> AbstractContextManager[str]:
    """Start Starlette with ONNX Runtime, without any check of the input, metrics or limits."""
    port = free_port()
    written(given, "peer_starlette", STARLETTE, given.exported)
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-access-log", "--loop", "uvloop", "--http", "httptools"]
    command = [sys.executable, "-m", "uvicorn", "peer_starlette:app", *options]
    return started(command, f"http://127.0.0.1:{port}", given.work)


def mlflow_serve(given: Subject) -> AbstractContextManager[str]:
    """Start `mlflow models serve` with one worker."""
    port = free_port()
    file = written(given, "peer_mlflow", MLFLOW, given.fitted)
    saved = given.work / "mlflow-model"
    subprocess.run([sys.executable, str(file), str(saved)], check=True, capture_output=True, cwd=given.work)
    options = ["-m", str(saved), "--env-manager", "local", "--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    command = [sys.executable, "-m", "mlflow", "models", "serve", *options]
    return started(command, f"http://127.0.0.1:{port}", given.work)


PEERS = [
    Peer(
        "modelops (this Bento)",
        modelops_bento,
        "/predict",
        lambda rows: {"rows": rows},
        lambda plain: [entry["probabilities"]["true"] for entry in plain["predictions"]],
    ),
    Peer("BentoML, DataFrame, scikit-learn", bentoml_plain, "/predict", lambda rows: {"rows": rows}, list),
    Peer("Starlette, ONNX Runtime, no checks", starlette, "/predict", lambda rows: {"rows": rows}, list),
    Peer(
        "mlflow models serve",
        mlflow_serve,
        "/invocations",
        lambda rows: {"dataframe_records": rows},
        lambda plain: plain["predictions"],
    ),
]


class Connection(asyncio.Protocol):
    """Sends one request after the other over one connection and notes how long each answer took."""

    def __init__(self, requests: list[bytes], until: float) -> None:
        self.requests, self.until = requests, until
        self.seconds: list[float] = []
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.buffer = b""
        self.last = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Send the first request."""
        self.transport: Any = transport
        self._next()

    def _next(self) -> None:
        self.sent = time.perf_counter()
        self.transport.write(self.requests[len(self.seconds) % len(self.requests)])

    def data_received(self, data: bytes) -> None:
        """Collect an answer; when it is complete, send the next request."""
        self.buffer += data
        head, blank, body = self.buffer.partition(b"\r\n\r\n")
        if not blank:
            return
        length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
        if len(body) < length:
            return
        assert head.startswith(b"HTTP/1.1 200"), self.buffer[:500]
        now = time.perf_counter()
        self.seconds.append(now - self.sent)
        self.last, self.buffer = body, b""
        if now < self.until:
            self._next()
        else:
            self.transport.close()
            self.done.set_result(None)

    def connection_lost(self, error: Exception | None) -> None:
        """End the measurement when the server hangs up."""
        if not self.done.done():
            self.done.set_exception(error or ConnectionError("the server closed the connection"))


def measure(url: str, path: str, bodies: list[Any], connections: int, seconds: float) -> tuple[list[float], bytes]:
    """Return every answer's time in seconds, and the last body."""
    host, port = url.removeprefix("http://").split(":")
    requests = []
    for body in bodies:
        data = json.dumps(body).encode()
        lines = [
            f"POST {path} HTTP/1.1",
            f"Host: {host}",
            "Content-Type: application/json",
            f"Content-Length: {len(data)}",
        ]
        requests.append("\r\n".join([*lines, "", ""]).encode() + data)

    async def run() -> tuple[list[float], bytes]:
        loop = asyncio.get_running_loop()
        until = time.perf_counter() + seconds
        links = [
            await loop.create_connection(lambda: Connection(requests, until), host, int(port))
            for _ in range(connections)
        ]
        await asyncio.gather(*(link.done for _, link in links))
        return [second for _, link in links for second in link.seconds], links[0][1].last

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(run())


def bench(given: Subject, peer: Peer, seconds: float) -> list[str]:
    """Return one line of the table."""
    before = time.perf_counter()
    with peer.start(given) as url:
        ready = time.perf_counter() - before
        single = [peer.body([row]) for row in given.rows]
        _, answer = measure(url, peer.path, [peer.body(given.rows)], 1, 0)
        difference = float(np.abs(np.array(peer.late(json.loads(answer))) - given.expected).max())
        assert difference < 1e-5, f"{peer.name}: answers differ by {difference}"
        measure(url, peer.path, single, 1, 0.5)
        one, _ = measure(url, peer.path, single, 1, seconds)
        many, _ = measure(url, peer.path, single, 16, seconds)
        batch, _ = measure(url, peer.path, [peer.body(given.rows)], 1, seconds)
    percentiles = statistics.quantiles(one, n=100)
    return [
        peer.name,
        f"{len(one) / seconds:,.0f}",
        f"{percentiles[49] * 1e3:.2f}",
        f"{percentiles[98] * 1e3:.2f}",
        f"{len(many) / seconds:,.0f}",
        f"{len(batch) * BATCH / seconds:,.0f}",
        f"{ready:.1f}",
    ]


def main() -> None:
    """Run all peers and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=3.0, help="per measurement")
    parser.add_argument("--only", default="", help="part of a peer's name")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        given = subject(Path(work))
        print(f"flight-delay, {os.cpu_count()} cores, one worker, {options.seconds:g} s each\n")
        columns = [
            "server",
            "requests/s",
            "p50 ms",
            "p99 ms",
            "requests/s, 16 connections",
            f"rows/s, {BATCH} a request",
            "ready s",
        ]
        print(f"| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
        for peer in PEERS:
            if options.only in peer.name:
                print(f"| {' | '.join(bench(given, peer, options.seconds))} |", flush=True)


if __name__ == "__main__":
    main()
