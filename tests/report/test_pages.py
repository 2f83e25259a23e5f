"""Card, report and side by side, of models that are better, equal, and worse in one slice."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from typing import Any

import pytest
from small_models import Bench, Made, lock

from modelops.records.evaluate import EvaluateRecord
from modelops.records.lock import Lock
from modelops.report import card, page, plots, sides

AGAINST = [
    {"metric": "roc_auc", "min": 0.6},
    {"metric": "roc_auc", "against": "champion", "margin": 0.02},
    {"metric": "roc_auc", "slice": "region", "against": "champion", "margin": 0.02},
]
X, Z, ALL = ({"columns": names} for names in (["x", "z"], ["z"], ["x", "w", "z"]))
CASES = {"better": (Z, ALL), "equal": (ALL, ALL), "worse in one slice": (ALL, X)}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("pages"))


def judged(bench: Bench, case: str, **changes: Any) -> tuple[Made, Lock, EvaluateRecord]:
    old, new = CASES[case]
    candidate = bench.make(features__numeric=new, evaluate__gates=AGAINST, **changes)
    champion = bench.champion(bench.make(features__numeric=old), candidate, case.replace(" ", "-"))
    found = bench.judge(candidate, champion)
    return candidate, lock(candidate, found), found


@pytest.mark.parametrize(
    ("case", "first_lines"),
    [
        ("better", ["**Every gate holds.**", "Against version 1: better, +"]),
        ("equal", ["**Every gate holds.**", "Against version 1: the same, 0"]),
        ("worse in one slice", ["gates stop this version.**", "Worse on region south"]),
    ],
)
def test_the_card_says_first_what_a_reviewer_decides_on(bench: Bench, case: str, first_lines: list[str]) -> None:
    made, locked, found = judged(bench, case)
    text = card.render(made.spec, locked, found)
    head = text.split("## Verdict")[0]
    assert all(words in head for words in first_lines)
    assert len(text) < 8000
    assert text == card.render(made.spec, locked, found)
    verdict = text.split("## Verdict")[1].split("##")[0]
    if "worse" in case:
        assert verdict.index("❌") < verdict.index("✅")


def test_nothing_shows_sensitive_values_or_small_groups(bench: Bench) -> None:
    made, locked, found = judged(bench, "better", evaluate__fairness={"columns": ["clinic"]})
    html = page.render(made.spec, locked, found, plots.read(bench.store, found))
    for text in (card.render(made.spec, locked, found), html):
        assert not re.search("Mercy|Grace|Hope|Small", text)
        assert "group 1" in text


def test_a_sensitive_key_hides_which_rows_flip(bench: Bench) -> None:
    columns = {"clinic": {"type": "category", "sensitive": True}, "id": {"type": "category", "sensitive": True}}
    _, _, found = judged(bench, "better", data__columns=columns)
    assert found.flipped
    assert {flip.key for flip in found.flipped} == {""}


def test_the_report_is_whole_and_loads_nothing(bench: Bench) -> None:
    made, locked, found = judged(bench, "better")
    text = page.render(made.spec, locked, found, plots.read(bench.store, found))
    titles = re.findall("<figcaption>(.*?)</figcaption>", text)
    assert titles == [
        "ROC curve", "Precision and recall", "Calibration, in tenths of the rows", "What the model looks at",
        "roc_auc by region", "roc_auc by clinic", "Candidate minus champion",
    ]  # fmt: skip
    for drawing in re.findall("<svg.*?</svg>", text):
        assert ElementTree.fromstring(drawing).tag == "svg"  # noqa: S314 - our own text
        assert "nan" not in drawing
    assert not re.search(r"https?:|src=|<script|<link", text)
    assert len(text) < 60_000


def test_the_report_of_a_regression(bench: Bench) -> None:
    made = bench.make(
        data__target="minutes", train__task="regression", train__estimator="sklearn.linear_model.LinearRegression",
        evaluate__metrics=["mae"],
    )  # fmt: skip
    found = bench.judge(made)
    text = page.render(made.spec, lock(made, found), found, plots.read(bench.store, found))
    assert "Residuals, in tenths of the rows" in text
    assert "Absolute errors" in text
    assert "ROC" not in text


def test_sides_name_what_differs_and_what_got_worse(bench: Bench) -> None:
    _, locked, found = judged(bench, "worse in one slice")
    assert found.champion is not None
    other = locked.model_copy(update={"version": 2})
    text = sides.render(("version 1", "version 2"), (locked, other), found.champion)
    assert "On the same 1,400 rows that neither was trained on" in text
    assert "Worse on region south: roc_auc -" in text
    undecided = found.champion.model_copy(update={"undecided": "the target changed", "metrics": {}})
    assert "no fair comparison. the target changed." in sides.render(("a", "b"), (locked, other), undecided)
