"""The image's command is one that BentoML understands, and no digest is ever made up."""

from __future__ import annotations

import shlex
import stat
from pathlib import Path

import pytest

import tiny_model
from modelops.core.errors import ModelopsError
from modelops.package import image
from tiny_bento import Built

DIGEST = "sha256:" + "ab" * 32


def tool(folder: Path, name: str, script: str) -> None:
    path = folder / name
    path.write_text(f'#!/bin/sh\necho {name} "$@" >> {folder}/calls\n{script}\n')
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(image.sys, "executable", str(tmp_path / "python"))
    tool(tmp_path, "python", "")
    return tmp_path


def test_the_command_is_one_that_bentoml_understands(built: Built) -> None:
    from bentoml_cli.cli import cli

    home, *words = shlex.split(built.record.image_command)
    assert home == "BENTOML_HOME=.modelops/bentoml"
    assert (built.cache.parent / ".modelops/bentoml/bentos" / built.record.tag.replace(":", "/")).is_dir()
    assert words[:2] == ["bentoml", "containerize"]
    command = cli.get_command(None, "containerize")  # type: ignore[arg-type]
    assert command is not None
    parsed = command.make_context("containerize", words[2:], resilient_parsing=False).params
    assert parsed["bento_tag"] == built.record.tag
    assert parsed["image_tag"] == (f"ghcr.io/acme/models/tiny:{built.record.tag.partition(':')[2]}",)


def test_without_an_engine_there_is_none(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tools))
    assert image.engine() is None
    tool(tools, "docker", "exit 1")
    assert image.engine() is None


def test_docker_counts_only_with_its_daemon(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tools))
    tool(tools, "buildah", "")
    tool(tools, "docker", "exit 1")
    assert image.engine() == "buildah"
    tool(tools, "docker", "exit 0")
    assert image.engine() == "docker"


def test_a_daemon_that_hangs_does_not_count(tools: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", f"{tools}:/usr/bin:/bin")
    monkeypatch.setattr(image, "_DAEMON_SECONDS", 0.2)
    tool(tools, "docker", "exec sleep 60")
    tool(tools, "podman", "")
    assert image.engine() == "podman"


def test_docker_pushes_and_the_registrys_digest_counts(tools: Path) -> None:
    tool(
        tools,
        "docker",
        f'[ $1 = image ] && echo \'["other/tiny@sha256:00","ghcr.io/acme/models/tiny@{DIGEST}"]\' || true',
    )
    assert image.build_and_push("tiny:1", tiny_model.settings(), tools / ".modelops", "docker") == DIGEST
    assert (tools / "calls").read_text().splitlines() == [
        "python -m bentoml containerize tiny:1 --backend docker --image-tag ghcr.io/acme/models/tiny:1",
        "docker push --quiet ghcr.io/acme/models/tiny:1",
        "docker image inspect --format {{json .RepoDigests}} ghcr.io/acme/models/tiny:1",
    ]


def test_buildah_writes_the_digest_that_it_pushed(tools: Path) -> None:
    tool(tools, "buildah", f"echo {DIGEST} > $3")
    assert image.build_and_push("tiny:1", tiny_model.settings(), tools / ".modelops", "buildah") == DIGEST


def test_a_push_that_gives_no_digest_is_an_error(tools: Path) -> None:
    tool(tools, "docker", "[ $1 = image ] && echo '[]' || true")
    with pytest.raises(ModelopsError, match="gave no digest"):
        image.build_and_push("tiny:1", tiny_model.settings(), tools / ".modelops", "docker")


def test_a_failed_push_says_what_failed(tools: Path) -> None:
    tool(tools, "podman", "echo denied: no basic auth >&2; exit 125")
    with pytest.raises(ModelopsError, match=r"push --digestfile .* failed with exit code 125") as caught:
        image.build_and_push("tiny:1", tiny_model.settings(), tools / ".modelops", "podman")
    assert "denied: no basic auth" in caught.value.hint
