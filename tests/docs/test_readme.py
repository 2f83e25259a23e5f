"""Every command of the README is run, in its order, in a scratch repository."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from modelops.flow.scratch import make_scratch
from modelops.spec.load import load_settings

ELSEWHERE = ("make demo", "make test", "export PATH")  # the bake test runs the first two


def readme_commands(root: Path) -> list[str]:
    """Return the lines of the README's shell blocks, without comments."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (root / "README.md").read_text(), re.MULTILINE | re.DOTALL)
    lines = [line.split("#")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith(ELSEWHERE)]


def serve_until_ready(words: list[str], root: Path, environment: dict[str, str]) -> None:
    """Start the server of the README, wait for the line that says where it is, and stop it."""
    words = [*words[:-1], "0"]
    process = subprocess.Popen(
        words, cwd=root, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    assert process.stdout is not None
    said = ""
    for line in process.stdout:
        said += line
        if "http://" in line:
            break
    process.send_signal(signal.SIGTERM)  # SIGINT is ignored below a shell that was started in the background
    process.communicate(timeout=30)
    assert "http://127.0.0.1" in said, said


def only_git(folder: Path) -> Path:
    """Return a folder for PATH with git and nothing else: no test may build or push an image."""
    folder.mkdir()
    (folder / "git").symlink_to(str(shutil.which("git")))
    return folder


@pytest.mark.slow
def test_every_command_of_the_readme_works(tmp_path: Path, repository_root: Path) -> None:
    space = make_scratch(repository_root, load_settings(repository_root), tmp_path / "fork")
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}:{only_git(tmp_path / 'tools')}"}
    commands = readme_commands(repository_root)
    assert len(commands) > 12
    for command in commands:
        words = shlex.split(command)
        if words[:2] == ["modelops", "serve"]:
            serve_until_ready(words, space.root, environment)
            continue
        done = subprocess.run(words, cwd=space.root, env=environment, capture_output=True, text=True)
        if "--push" in words:
            assert "no container engine works here" in done.stderr
            continue
        assert done.returncode == 0, f"$ {command}\n{done.stdout}{done.stderr}"
        if words[1] in ("release", "promote", "rollback"):
            space.git.commit(command, "argocd", "models")
