"""What `modelops drift` and `modelops propose` say, and that one model cannot spoil the others."""

from __future__ import annotations

import json
from typing import Any

import cases
import pytest

from modelops.cli import drift as drift_verb
from modelops.cli import propose as propose_verb
from modelops.cli.main import run
from modelops.core.errors import ModelopsError
from modelops.records.drift import DriftRecord
from modelops.records.proposal import Proposal


def proposal(**changes: Any) -> Proposal:
    known = {
        "model": "late",
        "as_of": "2013-07-31",
        "outcome": "opened",
        "reason": "temp drifted",
        "drift": cases.record(),
    }
    return Proposal(**known | changes)


def test_drift_is_told_with_its_columns_in_order_of_importance() -> None:
    lines = drift_verb.describe(cases.record(findings=("temp: above 100 (9 rows)",))).splitlines()
    assert lines[0] == (
        "late (version 1, snapshot 2013-03-31) as of 2013-07-31: 50% of the columns by weight drifted in 27,396 rows; "
        "a retrain is called for"
    )
    assert [line.split()[0] for line in lines[2:5]] == ["temp", "origin", "passenger"]
    assert "median 37.9 → 81" in lines[2]
    assert lines[5] == "  the contract is broken: temp: above 100 (9 rows)"


def test_without_a_measurement_the_reason_is_told() -> None:
    record = cases.record(score=None, columns=(), triggers=(), prediction=None, note="no rows in the window")
    assert (
        drift_verb.describe(record) == "late (version 1, snapshot 2013-03-31) as of 2013-07-31: no rows in the window"
    )


def test_outcomes_are_one_line_and_the_place_to_look() -> None:
    assert propose_verb.describe(proposal(number=3, url="u", passed=False)) == (
        "late: opened pull request #3, gates FAILED: temp drifted\n  u"
    )
    assert propose_verb.describe(proposal(outcome="quiet", reason="nothing", number=3)) == "late: quiet: nothing"


def test_a_broken_model_does_not_keep_the_others_from_their_proposals(
    world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = world.workspace.root
    text = (root / "specs/late.yaml").read_text()
    for name in ("aaa", "zzz"):
        (root / f"specs/{name}.yaml").write_text(text.replace("name: late", f"name: {name}"))
    monkeypatch.chdir(root)

    def propose(_: object, name: str, __: object) -> Proposal:
        if name == "aaa":
            raise ModelopsError("the source is away")
        return proposal(model=name)

    monkeypatch.setattr("modelops.flow.propose.propose", propose)
    assert run(["propose", "--as-of", "2013-07-31"]) == 1
    told = capsys.readouterr()
    assert told.out.splitlines() == ["late: opened: temp drifted", "zzz: opened: temp drifted"]
    assert "aaa: the source is away" in told.err
    assert "no answer for aaa" in told.err


def test_nor_from_their_drift(world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    root = world.workspace.root
    (root / "specs/aaa.yaml").write_text((root / "specs/late.yaml").read_text().replace("name: late", "name: aaa"))
    monkeypatch.chdir(root)

    def drift(_: object, name: str, __: object) -> DriftRecord:
        if name == "aaa":
            raise ModelopsError("the source is away")
        return cases.record()

    monkeypatch.setattr("modelops.flow.drift.drift", drift)
    assert run(["drift", "--as-of", "2013-07-31"]) == 1
    told = capsys.readouterr()
    assert told.out.startswith("late (version 1")
    assert "no answer for aaa" in told.err


def test_a_model_that_was_never_run_is_skipped_unless_it_is_asked_for(
    world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = world.workspace.root
    text = (root / "specs/late.yaml").read_text()
    (root / "specs/late.yaml").unlink()
    (root / "specs/new.yaml").write_text(text.replace("name: late", "name: new"))
    monkeypatch.chdir(root)
    assert run(["drift", "--as-of", "2013-07-31"]) == 0
    assert "new has no locked version" in capsys.readouterr().err
    assert run(["drift", "new", "--as-of", "2013-07-31"]) == 1


def test_machines_read_json(world: Any, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(world.workspace.root)
    monkeypatch.setattr("modelops.flow.drift.drift", lambda *_: cases.record())
    assert run(["drift", "late", "--json"]) == 0
    assert DriftRecord.model_validate(json.loads(capsys.readouterr().out)) == cases.record()
