"""The application's answers, without a server around it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tiny_model
from modelops.serving import app as app_module
from modelops.serving.app import ModelApplication
from modelops.serving.predictor import Prediction, Predictor
from modelops.serving.request import MAX_BYTES
from modelops.serving.signature import Input, Signature


async def platform(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-platform", b"yes")]})
    await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def application(tmp_path: Path) -> ModelApplication:
    return ModelApplication(Predictor.load(tiny_model.write(tmp_path)), "abc", platform)


class Answer:
    def __init__(self, messages: list[dict[str, Any]]) -> None:
        self.status: int = messages[0]["status"]
        self.headers = dict(messages[0]["headers"])
        self.body = b"".join(message.get("body", b"") for message in messages[1:])

    def json(self) -> Any:
        return json.loads(self.body, parse_constant=pytest.fail)


def call(
    application: ModelApplication, method: str, path: str, *pieces: bytes, headers: dict[bytes, bytes] | None = None
) -> Answer | None:
    """Send a request whose body arrives in pieces; None when the application gave no answer."""
    pieces = pieces or (b"",)
    incoming: list[dict[str, Any]] = [
        {"type": "http.request", "body": piece, "more_body": index < len(pieces) - 1}
        for index, piece in enumerate(pieces)
    ]
    sent: list[Any] = []

    async def receive() -> Any:
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        sent.append(message)

    scope = {"type": "http", "method": method, "path": path, "headers": list((headers or {}).items())}
    asyncio.run(application(scope, receive, send))
    return Answer(sent) if sent else None


def answer(*arguments: Any, **options: Any) -> Answer:
    got = call(*arguments, **options)
    assert got is not None
    return got


def test_predict_answers_every_row_in_order(application: ModelApplication) -> None:
    rows = [tiny_model.ROW, {**tiny_model.ROW, "temp": None, "windy": False, "origin": "LGA", "hour": 0, "note": None}]
    got = answer(application, "POST", "/predict", json.dumps({"rows": rows}).encode())
    plain = got.json()
    assert (got.status, got.headers[b"content-type"]) == (200, b"application/json")
    assert (plain["model"], plain["version"]) == ("tiny", "abc")
    assert [entry["value"] for entry in plain["predictions"]] == [True, False]
    for row, entry in zip(rows, plain["predictions"], strict=True):
        assert entry["probabilities"]["true"] == pytest.approx(tiny_model.expected(row), abs=1e-6)
        assert sum(entry["probabilities"].values()) == pytest.approx(1)


def test_regression_answers_a_number_only() -> None:
    signature = Signature("m", "regression", "onnx", (Input("x", "number"),))
    predictor = Predictor(signature, lambda encoded: encoded["x"] * 2)
    got = answer(ModelApplication(predictor, "1", platform), "POST", "/predict", b'{"rows": [{"x": 1.5}, {"x": -2}]}')
    assert got.json()["predictions"] == [{"value": 3.0}, {"value": -4.0}]


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_an_answer_that_is_no_number_is_an_error_not_invalid_json(bad: float) -> None:
    signature = Signature("m", "regression", "onnx", (Input("x", "number"),))
    predictor = Predictor(signature, lambda encoded: np.full(len(encoded["x"]), bad))
    got = answer(ModelApplication(predictor, "1", platform), "POST", "/predict", b'{"rows": [{"x": 1}]}')
    assert got.status == 500
    assert got.json() == {"error": "the model could not answer; the server's log says where"}


def test_the_log_of_a_failure_quotes_no_value(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    def score(encoded: Any) -> Any:
        raise RuntimeError(f"cannot cope with {encoded['x'][0]}")

    predictor = Predictor(Signature("m", "regression", "onnx", (Input("x", "text"),)), score)
    got = answer(ModelApplication(predictor, "1", platform), "POST", "/predict", b'{"rows": [{"x": "secret"}]}')
    assert got.status == 500
    assert "RuntimeError" in caplog.text
    assert "test_app.py" in caplog.text
    assert "secret" not in caplog.text


def test_model_describes_itself(application: ModelApplication) -> None:
    plain = answer(application, "GET", "/model").json()
    assert plain["inputs"][0] == {"name": "temp", "type": "number", "nullable": True, "min": -40, "max": 130}
    assert plain["classes"] == [False, True]
    got = answer(application, "POST", "/predict", json.dumps(plain["example"]).encode())
    assert got.status == 200


@pytest.mark.parametrize(("method", "path", "allow"), [("GET", "/predict", b"POST"), ("POST", "/model", b"GET")])
def test_a_wrong_method_is_405(application: ModelApplication, method: str, path: str, allow: bytes) -> None:
    got = answer(application, method, path)
    assert (got.status, got.headers[b"allow"]) == (405, allow)


@pytest.mark.parametrize("path", ["/", "/predict/", "/docs.json", "/wp-admin.php", "/livez/x"])
def test_an_unknown_url_is_404_and_reaches_nobody(application: ModelApplication, path: str) -> None:
    got = answer(application, "GET", path)
    assert (got.status, got.json()) == (404, {"error": "no such URL; there are POST /predict, GET /model"})


@pytest.mark.parametrize("path", ["/livez", "/readyz", "/healthz", "/metrics"])
def test_health_and_metrics_are_the_platforms(application: ModelApplication, path: str) -> None:
    assert b"x-platform" in answer(application, "GET", path).headers


def test_a_large_body_is_refused_while_it_streams(application: ModelApplication) -> None:
    piece = b" " * 2**20
    got = answer(application, "POST", "/predict", *[piece] * 30)
    assert (got.status, got.headers[b"connection"]) == (413, b"close")
    assert str(MAX_BYTES) in got.json()["error"]


def test_a_large_body_is_refused_by_its_header_alone(application: ModelApplication) -> None:
    got = answer(application, "POST", "/predict", b"{", b"}", headers={b"content-length": str(MAX_BYTES + 1).encode()})
    assert got.status == 413


def test_a_body_in_pieces_is_put_together(application: ModelApplication) -> None:
    data = json.dumps({"rows": [tiny_model.ROW]}).encode()
    assert answer(application, "POST", "/predict", data[:5], data[5:20], data[20:]).status == 200


@pytest.mark.parametrize(
    "headers",
    [
        {b"content-type": b"text/plain"},
        {b"content-encoding": b"gzip"},
        {b"content-type": b"application/vnd.bentoml+pickle"},
    ],
)
def test_other_media_types_are_refused(application: ModelApplication, headers: dict[bytes, bytes]) -> None:
    data = json.dumps({"rows": [tiny_model.ROW]}).encode()
    assert answer(application, "POST", "/predict", data, headers=headers).status == 415
    charset = {b"content-type": b"Application/JSON; charset=utf-8"}
    assert answer(application, "POST", "/predict", data, headers=charset).status == 200


def test_a_caller_that_goes_away_gets_no_answer(application: ModelApplication) -> None:
    async def gone() -> Any:
        return {"type": "http.disconnect"}

    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application({"type": "http", "method": "POST", "path": "/predict", "headers": []}, gone, send))
    assert sent == []


def test_a_body_that_never_arrives_is_408(application: ModelApplication, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app_module, "BODY_SECONDS", 0.05)
    sent: list[Any] = []

    async def never() -> Any:
        await asyncio.sleep(60)

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application({"type": "http", "method": "POST", "path": "/predict", "headers": []}, never, send))
    assert sent[0]["status"] == 408


def test_the_request_id_comes_back_or_is_made(application: ModelApplication) -> None:
    assert answer(application, "GET", "/model", headers={b"x-request-id": b"r-1"}).headers[b"x-request-id"] == b"r-1"
    first, second = (answer(application, "GET", "/model").headers[b"x-request-id"] for _ in range(2))
    assert first != second
    hostile = answer(application, "GET", "/model", headers={b"x-request-id": b"a" * 500})
    assert len(hostile.headers[b"x-request-id"]) == 16


def test_a_websocket_is_closed(application: ModelApplication) -> None:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    asyncio.run(application({"type": "websocket", "path": "/predict", "headers": []}, send, send))
    assert sent == [{"type": "websocket.close", "code": 1000}]


def test_labels_of_a_multiclass_model_keep_their_type() -> None:
    signature = Signature("m", "classification", "onnx", (Input("x", "number"),), classes=(1, 2, 3))

    class Fixed:
        def __init__(self) -> None:
            self.signature = signature

        def predict(self, columns: Any) -> Prediction:
            return Prediction(np.array([3]), np.array([[0.1, 0.2, 0.7]]))

    got = answer(ModelApplication(Fixed(), "1", platform), "POST", "/predict", b'{"rows": [{"x": 1}]}')  # type: ignore[arg-type]
    assert got.json()["predictions"] == [{"value": 3, "probabilities": {"1": 0.1, "2": 0.2, "3": 0.7}}]
