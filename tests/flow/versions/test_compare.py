"""`compare` and `leaderboard` on two versions of one model."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelops.cli.compare import command as compare_command
from modelops.cli.leaderboard import command as leaderboard_command
from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.compare import compare, find
from modelops.flow.leaderboard import leaderboard

pytestmark = pytest.mark.slow

NAME = "wine-cultivar"


@pytest.fixture
def inside(two_versions: Workspace, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """The repository, as the current folder."""
    monkeypatch.chdir(two_versions.root)
    return two_versions


def test_two_versions_are_compared_on_the_same_rows(two_versions: Workspace) -> None:
    found = compare(two_versions, f"{NAME}@2", f"{NAME}@1")
    assert (found.first.lock.version, found.second.lock.version) == (1, 2)
    assert found.paired.undecided == ""
    assert found.paired.rows == 53
    delta, metrics = (
        found.paired.metrics["log_loss"],
        [side.lock.resolved.metrics for side in (found.first, found.second)],
    )
    assert (delta.champion, delta.candidate) == tuple(side["log_loss"].value for side in metrics)


@pytest.mark.parametrize("which", ["2", "lock", "champion", "HEAD"])
def test_words_that_name_the_newest_version(two_versions: Workspace, which: str) -> None:
    assert find(two_versions, NAME, which).lock.version == 2


def test_an_older_commit_names_the_older_version(two_versions: Workspace) -> None:
    assert find(two_versions, NAME, "HEAD~1").lock.version == 1


@pytest.mark.parametrize(
    ("one", "other", "message"),
    [
        (f"{NAME}@9", None, "no version 9"),
        (f"{NAME}@candidate", None, "no candidate"),
        (f"{NAME}@staging", None, "staging does not run"),
        (f"{NAME}@nonsense", None, 'no version "nonsense"'),
        (f"{NAME}@1", "flight-delay@1", "two models"),
    ],
)
def test_what_does_not_exist_is_an_error_in_words(
    two_versions: Workspace, one: str, other: str | None, message: str
) -> None:
    with pytest.raises(ModelopsError, match=message):
        compare(two_versions, one, other)


def test_the_leaderboard_ranks_the_better_first(two_versions: Workspace) -> None:
    by, entries = leaderboard(two_versions, NAME, "log_loss")
    assert by == "log_loss"
    values = [entry.lock.resolved.metrics["log_loss"].value for entry in entries]
    assert len(values) == 2
    assert values == sorted(value for value in values if value is not None)
    assert leaderboard(two_versions, NAME)[0] == "accuracy"


def test_verbs_print_tables_and_json(inside: Workspace) -> None:
    assert Path(os.getcwd()) == inside.root  # noqa: PTH109
    runner = CliRunner()
    text = runner.invoke(compare_command, [f"{NAME}@1", f"{NAME}@2"]).stdout
    assert "On the same 53 rows" in text
    plain = json.loads(runner.invoke(compare_command, [f"{NAME}@1", f"{NAME}@2", "--json"]).stdout)
    assert plain["paired"]["rows"] == 53
    board = runner.invoke(leaderboard_command, [NAME]).stdout.splitlines()
    assert board[0].split()[:3] == ["MODEL", "RANK", "VERSION"]
    assert len(board) == 3
    assert len(json.loads(runner.invoke(leaderboard_command, [NAME, "--json"]).stdout)[NAME]) == 2
