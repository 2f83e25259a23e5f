"""Which rows are looked at: real data through the data stage."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from watched_model import spec

from modelops.core.errors import ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow.watched import current_rows, nothing_newer, subject, watched, yesterday
from modelops.spec.load import load_settings
from modelops.spec.model import Spec

SETTINGS = """\
apiVersion: modelops/v1
kind: Platform
owner: acme
repository: model-ops
registry: ghcr.io/acme/models
environments: {staging: {}}
"""
HEAD = "id,at,temp,hour,origin,passenger,late"


@pytest.fixture
def space(tmp_path: Path) -> Workspace:
    (tmp_path / "modelops.yaml").write_text(SETTINGS)
    (tmp_path / "specs").mkdir()
    return Workspace(tmp_path, load_settings(tmp_path))


def model(space: Workspace, lines: list[str], **changes: object) -> Spec:
    (space.root / "rows.csv").write_text("\n".join([HEAD, *lines]) + "\n")
    columns = {
        "temp": {"type": "number", "max": 100, "missing": 0.1},
        "origin": {"type": "category", "values": ["EWR", "JFK"]},
        "passenger": {"type": "category", "sensitive": True},
    }
    return spec(sources={"flights": "rows.csv"}, columns=columns, **changes)


def test_the_monitored_window_ends_with_the_day(space: Workspace) -> None:
    days = ["2013-06-30", "2013-07-01", "2013-07-02", "2013-07-31", "2013-08-01"]
    lines = [f"{place},{day}T12:00:00Z,50,7,EWR,bob,true" for place, day in enumerate(days)]
    record = current_rows(space, model(space, lines), date(2013, 7, 31))
    assert record is not None
    assert (record.rows, record.first, record.last) == (2, "2013-07-02T12:00:00Z", "2013-07-31T12:00:00Z")


def test_without_a_monitored_window_it_is_the_training_window() -> None:
    assert watched(spec({}), date(2013, 7, 31)).data.window == timedelta(days=90)
    assert watched(spec({"window": "7d"}), date(2013, 7, 31)).data.window == timedelta(days=7)


def test_an_empty_window_is_no_error(space: Workspace) -> None:
    assert current_rows(space, model(space, ["1,2013-01-01T00:00:00Z,50,7,EWR,bob,true"]), date(2013, 7, 31)) is None


def test_a_broken_contract_is_told_and_does_not_end_the_look(space: Workspace) -> None:
    lines = [f"{place},2013-07-20T12:00:00Z,{50 + place},7,SWF,bob,true" for place in range(60)]
    record = current_rows(space, model(space, lines), date(2013, 7, 31))
    assert record is not None
    messages = "\n".join(finding.message for finding in record.findings)
    assert "temp: above 100 in 9 of 60 rows" in messages
    assert {finding.level for finding in record.findings} == {"warning"}
    assert "origin: none of EWR, JFK in 60 of 60 rows" in messages


def test_rows_whose_target_is_not_known_yet_count(space: Workspace) -> None:
    lines = [f"{place},2013-07-31T12:00:00Z,50,7,EWR,bob," for place in range(5)]
    late = model(space, [*lines, "9,2013-07-10T12:00:00Z,50,7,EWR,bob,true"], labels_after="7d")
    record = current_rows(space, late, date(2013, 7, 31))
    assert record is not None
    assert record.rows == 6


def test_a_day_that_the_version_knows_is_not_newer() -> None:
    assert nothing_newer(spec(), date(2013, 4, 1)) == ""
    assert nothing_newer(spec(), date(2013, 3, 31)) == (
        "2013-03-31 is not after the snapshot 2013-03-31: no newer data to look at"
    )


def test_the_day_by_default_is_the_last_complete_one() -> None:
    assert datetime.now(UTC).date() - yesterday() == timedelta(days=1)


def test_an_unlocked_model_says_what_to_run(space: Workspace) -> None:
    space.git.run("init", "--quiet", "--initial-branch=main")
    space.git.commit("Start", "modelops.yaml")
    with pytest.raises(ModelopsError, match="late has no locked version") as refused:
        subject(space, "late")
    assert refused.value.hint == "modelops run late"
