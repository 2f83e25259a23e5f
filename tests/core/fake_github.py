"""A stateful GitHub on loopback that refuses every request that GitHub's own description does not allow."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from openapi_core import OpenAPI
from openapi_core.testing import MockRequest
from werkzeug.datastructures import Headers

DESCRIPTION = json.loads((Path(__file__).parent / "github" / "rest-api.json").read_text())
TOKEN = "ghs_test"


@dataclass
class State:
    """The repository acme/model-ops. `fail` holds statuses to answer the next calls with instead."""

    address: str = ""
    branches: set[str] = field(default_factory=lambda: {"main", "retrain/m"})
    pulls: dict[int, dict[str, Any]] = field(default_factory=dict)
    comments: dict[int, list[str]] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    fail: list[int] = field(default_factory=list)
    may_open: bool = True


@cache
def _description() -> OpenAPI:
    return OpenAPI.from_dict({**DESCRIPTION, "servers": [{"url": "http://fake"}]})


@contextmanager
def serve() -> Iterator[State]:
    """Run the fake until the block ends; `state.address` is its API."""
    state = State()
    handler = type("Handler", (_Handler,), {"state": state, "description": _description()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    state.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield state
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _Handler(BaseHTTPRequestHandler):
    state: State
    description: OpenAPI

    def do_GET(self) -> None:
        self._serve()

    def do_POST(self) -> None:
        self._serve()

    def do_PATCH(self) -> None:
        self._serve()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass

    def _serve(self) -> None:
        url = urlsplit(self.path)
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.state.calls.append(f"{self.command} {url.path}")
        if self.state.fail:
            return self._answer(self.state.fail.pop(0), {"message": "Something went wrong"})
        if self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self._answer(401, {"message": "Bad credentials"})
        wrong = self._wrong(url.path, url.query, body)
        if wrong:
            return self._answer(400, {"message": f"not in GitHub's description: {wrong}"})
        query = {name: values[0] for name, values in parse_qs(url.query).items()}
        return self._answer(*self._route(url.path, query, json.loads(body or b"{}")))

    def _wrong(self, path: str, query: str, body: bytes) -> str:
        """Return what the description has against a request; it also refuses fields that it does not know."""
        arguments = Headers()
        for name, values in parse_qs(query).items():
            for value in values:
                arguments.add(name, value)
        request = MockRequest(
            "http://fake",
            self.command.lower(),
            path,
            args=dict(arguments),
            data=body or None,
            content_type="application/json",
        )
        try:
            self.description.validate_request(request)
        except Exception as error:
            return f"{type(error).__name__} {error} {error.__cause__}"
        template = "/repos/{owner}/{repo}/" + "/".join(
            {True: "{pull_number}" if "pulls" in path else "{issue_number}", False: part}[part.isdigit()]
            for part in path.split("/")[4:]
        )
        call = DESCRIPTION["paths"][template][self.command.lower()]
        fields = call.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
        known = {
            "GET": {each.get("name") or each["$ref"].split("/")[-1].replace("-", "_") for each in call["parameters"]}
        }
        allowed = known.get(self.command) or set(fields.get("properties", {}))
        given = set(parse_qs(query)) if self.command == "GET" else set(json.loads(body or b"{}"))
        return f"unknown {sorted(given - allowed)}" if given - allowed else ""

    def _route(self, path: str, query: dict[str, str], fields: dict[str, Any]) -> tuple[int, Any]:
        owner, repository, *rest = path.split("/")[2:]
        if (owner, repository) != ("acme", "model-ops"):
            return 404, {"message": "Not Found"}
        match self.command, rest:
            case "GET", ["pulls"]:
                head, state = query.get("head"), query.get("state", "open")
                found = [pull for pull in self.state.pulls.values() if head in (None, f"acme:{pull['head']['ref']}")]
                return 200, [pull for pull in reversed(found) if state in ("all", pull["state"])]
            case "POST", ["pulls"]:
                return self._open(fields)
            case _, ["pulls", number] if int(number) in self.state.pulls:
                self.state.pulls[int(number)].update(
                    fields if "base" not in fields else {**fields, "base": {"ref": fields["base"]}}
                )
                return 200, self.state.pulls[int(number)]
            case "POST", ["issues", number, "comments"] if int(number) in self.state.pulls:
                self.state.comments.setdefault(int(number), []).append(fields["body"])
                return 201, {"id": 1, "body": fields["body"]}
        return 404, {"message": "Not Found"}

    def _open(self, fields: dict[str, Any]) -> tuple[int, Any]:
        if not self.state.may_open:
            return 403, {"message": "GitHub Actions is not permitted to create or approve pull requests."}
        if fields["head"] not in self.state.branches:
            return 422, {"message": "Validation Failed", "errors": [{"field": "head", "code": "invalid"}]}
        if any(pull["head"]["ref"] == fields["head"] and pull["state"] == "open" for pull in self.state.pulls.values()):
            return 422, {"message": "Validation Failed", "errors": [{"message": "A pull request already exists"}]}
        number = len(self.state.pulls) + 1
        self.state.pulls[number] = {
            "number": number,
            "title": fields["title"],
            "body": fields["body"],
            "head": {"ref": fields["head"]},
            "base": {"ref": fields["base"]},
            "state": "open",
            "merged_at": None,
            "html_url": f"https://github.com/acme/model-ops/pull/{number}",
        }
        return 201, self.state.pulls[number]

    def _answer(self, status: int, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)
