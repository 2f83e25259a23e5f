"""Every `modelops …` command that a document shows is one that the command line has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from modelops.cli.main import VERBS
from shell_commands import check_command, commands_in

ROOT = Path(__file__).resolve().parents[2]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("**/*.md"))]
_FENCE = re.compile(r"^```(?P<language>\w*)\n(?P<code>.*?)^```", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(?P<code>(?:\.venv/bin/)?modelops [^`\n]+)`")
# What a terminal printed, and files, name verbs without being commands.
SHELLS = {"sh", "bash", "shell", "console"}


def commands(text: str) -> list[list[str]]:
    scripts = []
    for match in _FENCE.finditer(text):
        if match["language"] == "console":
            lines = [line[2:] for line in match["code"].splitlines() if line.startswith("$ ")]
            scripts.append("\n".join(lines))
        elif match["language"] in SHELLS:
            scripts.append(match["code"])
    written = [words for script in scripts for words in commands_in(script)]
    named = [words for match in _INLINE.finditer(_FENCE.sub("", text)) for words in commands_in(match["code"])]
    # A sentence may speak of a verb without its arguments.
    return written + [words if len(words) > 1 else [*words, "--help"] for words in named]


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_commands_exist(path: Path) -> None:
    for words in commands(path.read_text(encoding="utf-8")):
        check_command(path.name, words)


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["promot", "flight-delay"], "no verb promot"),
        (["render", "--chekc"], "chekc"),
        (["promote", "flight-delay"], "--to"),
        (["drift", "--as-of", "July"], "July"),
        (["release"], "NAME"),
    ],
)
def test_a_wrong_command_is_noticed(words: list[str], complaint: str) -> None:
    with pytest.raises(AssertionError, match=complaint):
        check_command("here", words)


def test_commands_are_found_in_every_form() -> None:
    text = "Run `modelops plan --base main`, not `modelops run`.\n"
    text += "```sh\ncd x && .venv/bin/modelops run NAME | tee log\n```\n"
    text += "```console\n$ modelops validate\nmodelops printed this\n```\n"
    assert commands(text) == [["run", "NAME"], ["validate"], ["plan", "--base", "main"], ["run", "--help"]]


def test_the_readme_shows_the_loop() -> None:
    shown = {words[0] for path in DOCUMENTS for words in commands(path.read_text(encoding="utf-8")) if words}
    assert shown <= {*VERBS, "--help", "--version", "-h"}
    assert {"validate", "run", "release", "promote", "rollback", "propose"} <= shown
