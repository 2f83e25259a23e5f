from __future__ import annotations

import difflib

import pytest

from modelops.core.errors import ModelopsError
from modelops.propose.snapshot import move_snapshot

SHORT = """\
apiVersion: modelops/v1
kind: Model
name: wine
owner: "@acme/cellar"
data: # rows
  sources: {wine: data/wine/wine.csv}
  target: cultivar
features:
  numeric: {columns: [alcohol]}
train:
  task: classification
  estimator: sklearn.linear_model.LogisticRegression
"""


def changed(before: str, after: str) -> list[str]:
    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), n=0, lineterm="")
    return [line for line in lines if line[0] in "+-" and line[:3] not in ("+++", "---")]


def test_a_written_snapshot_is_one_changed_line_with_its_comment() -> None:
    text = SHORT.replace("  target", "  snapshot: '7' # moves\n  target")
    after = move_snapshot(text, "specs/wine.yaml", "2013-07-31")
    assert changed(text, after) == ["-  snapshot: '7' # moves", "+  snapshot: '2013-07-31' # moves"]


def test_a_spec_without_one_gets_one_line_more() -> None:
    after = move_snapshot(SHORT, "specs/wine.yaml", "2013-07-31")
    assert changed(SHORT, after) == ["+  snapshot: 2013-07-31"]
    assert changed(after, move_snapshot(after, "specs/wine.yaml", "2013-08-31")) == [
        "-  snapshot: 2013-07-31",
        "+  snapshot: 2013-08-31",
    ]


def test_where_no_line_can_be_added_it_says_what_to_write() -> None:
    text = SHORT.replace(
        "data: # rows\n  sources: {wine: data/wine/wine.csv}\n  target: cultivar",
        "data: {sources: {wine: data/wine/wine.csv}, target: cultivar}",
    )
    with pytest.raises(ModelopsError, match=r"data\.snapshot is not written"):
        move_snapshot(text, "specs/wine.yaml", "2013-07-31")
