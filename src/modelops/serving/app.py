"""The HTTP interface of one model as a bare ASGI application.

`POST /predict` and `GET /model` are answered here, without a framework in between; health checks and metrics go to
BentoML's own application; any other URL is answered 404 before anything counts or logs it.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
import traceback
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from modelops.serving.describe import describe
from modelops.serving.metrics import RequestMetrics
from modelops.serving.predictor import Prediction, Predictor
from modelops.serving.request import MAX_BYTES, BadRequest, Reader

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

PREDICT = "/predict"
MODEL = "/model"
METHODS = {PREDICT: "POST", MODEL: "GET"}
PLATFORM = frozenset({"/livez", "/readyz", "/healthz", "/metrics"})
BODY_SECONDS = 10.0

logger = logging.getLogger("modelops.serving")


class Disconnected(Exception):
    """The caller went away before the body was complete."""


class ModelApplication:
    """Answers requests to one model, and passes those to the platform's URLs on.

    Parameters
    ----------
    predictor : Predictor
        The loaded model.
    version : str
        The Bento's version, repeated in every answer.
    platform : ASGI application
        BentoML's own, for health checks, metrics and start-up.
    """

    def __init__(self, predictor: Predictor, version: str, platform: Application) -> None:
        signature = predictor.signature
        self._predictor = predictor
        self._platform = platform
        self._reader = Reader(signature)
        self._about = {"model": signature.name, "version": version}
        self._described = _dump(describe(signature, version))
        self._labels = [label if isinstance(label, str) else json.dumps(label) for label in signature.classes]
        self._metrics = RequestMetrics(signature.name, version, (PREDICT, MODEL))

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one connection's request, or its start-up and shutdown."""
        kind = scope["type"]
        if kind == "http" and scope["path"] in METHODS:
            await self._answer(scope, receive, send)
        elif kind == "lifespan" or (kind == "http" and scope["path"] in PLATFORM):
            await self._platform(scope, receive, send)
        elif kind == "http":
            known = ", ".join(f"{method} {path}" for path, method in METHODS.items())
            await _send(send, 404, _dump({"error": f"no such URL; there are {known}"}), _request_id(scope))
        else:
            await send({"type": "websocket.close", "code": 1000})

    async def _answer(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        endpoint: str = scope["path"]
        request_id = _request_id(scope)
        started = time.perf_counter()
        with self._metrics.running[endpoint].track_inprogress():
            try:
                status, body = 200, await self._result(scope, receive)
            except Disconnected:
                return
            except BadRequest as problem:
                status, body = problem.status, _dump(problem.body())
            except Exception as error:  # whatever a model raises, the caller gets an answer
                _log(request_id, error)
                status, body = 500, _dump({"error": "the model could not answer; the server's log says where"})
            self._metrics.observe(endpoint, status, time.perf_counter() - started)
            await _send(send, status, body, request_id, METHODS[endpoint])

    async def _result(self, scope: MutableMapping[str, Any], receive: Receive) -> bytes:
        if scope["method"] != METHODS[scope["path"]]:
            raise BadRequest(405, f"{scope['path']} answers {METHODS[scope['path']]} only")
        if scope["path"] == MODEL:
            return self._described
        return self.predict(await _body(scope, receive))

    def predict(self, body: bytes | bytearray) -> bytes:
        """Return the JSON answer to the body of one request.

        Raises
        ------
        BadRequest
            When the body is not what the model's signature says.
        ValueError
            When the model's answer is not finite.
        """
        prediction = self._predictor.predict(self._reader.read(body))
        return _dump({**self._about, "predictions": self._plain(prediction)})

    def _plain(self, prediction: Prediction) -> list[dict[str, Any]]:
        values = prediction.values.tolist()
        if prediction.probabilities is None:
            return [{"value": value} for value in values]
        labels = self._labels
        shares = prediction.probabilities.tolist()
        return [
            {"value": value, "probabilities": dict(zip(labels, row, strict=True))}
            for value, row in zip(values, shares, strict=True)
        ]


def _dump(plain: Any) -> bytes:
    return json.dumps(plain, separators=(",", ":"), ensure_ascii=False, allow_nan=False).encode("utf-8", "replace")


def _log(request_id: bytes, error: Exception) -> None:
    # Without the error's message: it may quote values of columns that are nobody's business.
    where = "".join(traceback.format_tb(error.__traceback__)).rstrip()
    logger.error("request %s failed with %s\n%s", request_id.decode("latin-1"), type(error).__name__, where)


async def _body(scope: MutableMapping[str, Any], receive: Receive) -> bytes | bytearray:
    headers = dict(scope["headers"])
    kind = headers.get(b"content-type", b"application/json").partition(b";")[0].strip().lower()
    if kind != b"application/json":
        raise BadRequest(415, "the body must be application/json")
    if headers.get(b"content-encoding", b"identity") != b"identity":
        raise BadRequest(415, "the body must not be compressed")
    length = headers.get(b"content-length", b"0")
    if length.isdigit() and int(length[:20]) > MAX_BYTES:
        raise _too_large()
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _received(receive)
    except TimeoutError:
        raise BadRequest(408, f"the body did not arrive within {BODY_SECONDS:g} seconds") from None


async def _received(receive: Receive) -> bytes | bytearray:
    body: bytes | bytearray = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        piece: bytes = message.get("body", b"")
        if len(body) + len(piece) > MAX_BYTES:
            raise _too_large()
        if not message.get("more_body", False):
            return body + piece if body else piece
        body = bytearray(body) if isinstance(body, bytes) else body
        body += piece


def _too_large() -> BadRequest:
    return BadRequest(413, f"the body is larger than {MAX_BYTES} bytes; send fewer rows at a time")


def _request_id(scope: MutableMapping[str, Any]) -> bytes:
    for name, value in scope["headers"]:
        if name == b"x-request-id" and len(value) <= 128 and value.decode("latin-1").isprintable():
            return bytes(value)
    return secrets.token_hex(8).encode()


async def _send(send: Send, status: int, body: bytes, request_id: bytes, allow: str = "") -> None:
    headers = [
        (b"content-type", b"application/json"),
        (b"content-length", str(len(body)).encode()),
        (b"x-request-id", request_id),
    ]
    if status == 405:
        headers.append((b"allow", allow.encode()))
    if status in (408, 413, 415):  # the rest of the body is not read
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
