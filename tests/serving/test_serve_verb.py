"""`modelops serve`: what it says before anything starts, and what it invites to."""

from __future__ import annotations

import shlex
import socket
from pathlib import Path

import pytest

from modelops.cli.main import run
from modelops.cli.serve import invitation
from modelops.serving.request import Reader
from modelops.serving.signature import Signature
from tiny_bento import Built

SETTINGS = """
apiVersion: modelops/v1
kind: Platform
owner: acme
repository: model-ops
registry: ghcr.io/acme/models
environments: {staging: {}}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "modelops.yaml").write_text(SETTINGS)
    (tmp_path / "specs").mkdir()
    (tmp_path / "specs/tiny.yaml").write_text("")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_port_in_use_is_said_before_the_model_is_built(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert run(["serve", "tiny", "--port", str(port)]) == 1
    assert f"port {port} on 127.0.0.1 is in use" in capsys.readouterr().err
    assert not (repository / ".modelops").exists()


def test_an_unknown_model_is_said(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["serve", "tony"]) == 1
    assert 'did you mean "tiny"?' in capsys.readouterr().err


def test_the_invitation_quotes_for_the_shell(built: Built) -> None:
    text = invitation("tiny:1", "http://127.0.0.1:1", built.folder)
    body = shlex.split(text.splitlines()[-1])[-1]
    assert Reader(Signature.read(built.folder / "src/model")).read(body.encode())["temp"] == [45.0]
