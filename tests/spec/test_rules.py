from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from modelops.core.settings import Settings
from modelops.spec import check, foreign
from modelops.spec.rules.surroundings import Surroundings

SHORTEST = (Path(__file__).parent.parent / "specs" / "valid" / "shortest.yaml").read_text(encoding="utf-8")
ESTIMATOR = "sklearn.linear_model.LogisticRegression"
PACKAGE = """\
class ClassifierMixin: pass
class Forest(ClassifierMixin):
    def __init__(self, depth=3): pass
    def fit(self, x, y): pass
    def predict(self, x): pass
class Loose(Forest):
    _estimator_type = "regressor"
    def __init__(self, **options): pass
helper = 1
"""


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The name of an installed package with estimators."""
    (tmp_path / "woods.py").write_text(PACKAGE, encoding="utf-8")
    (tmp_path / "broken_woods.py").write_text("raise RuntimeError('no')\n", encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    foreign.entry.cache_clear()
    return "woods"


def _said(near: Surroundings, train: str) -> list[tuple[str, str, str]]:
    text = SHORTEST.replace(f"estimator: {ESTIMATOR}", train)
    assert text != SHORTEST
    return [(one.level, one.code, one.message) for one in check.check_spec(text, "specs/shortest.yaml", near)[1]]


@pytest.mark.parametrize(
    ("train", "said"),
    [
        ("estimator: woods.Forest, params: {depth: 3}", []),
        ("estimator: woods.Forest, params: {dept: 3}", [("error", "MO135", 'Forest has no parameter "dept"')]),
        ("estimator: woods.Tree", [("error", "MO134", "woods.Tree: woods has no estimator Tree")]),
        ("estimator: woods.helper", [("error", "MO134", "woods.helper: woods has no estimator helper")]),
        ("estimator: woods.Loose", [("error", "MO134", "Loose is a regressor, and the task is classification")]),
        (
            "estimator: broken_woods.Forest",
            [("error", "MO134", "broken_woods.Forest: broken_woods cannot be imported (RuntimeError)")],
        ),
        (
            "estimator: nowhere.Forest, params: {anything: 1}",
            [("warning", "MO134", "nowhere.Forest: nowhere is not installed here")],
        ),
    ],
)
def test_estimators_of_other_packages_are_checked_where_they_are_installed(
    package: str, near: Surroundings, train: str, said: list[tuple[str, str, str]]
) -> None:
    assert _said(near, train) == said


def test_names_derived_from_the_name_must_fit_kubernetes(near: Surroundings) -> None:
    assert near.settings is not None
    values = near.settings.model_dump(by_alias=True)
    settings = Settings.model_validate({**values, "environments": {"a-region-far-away-in-the-southern-sea": {}}})
    text = SHORTEST.replace("name: shortest", "name: a-model-with-a-name-of-its-own")
    path = "specs/a-model-with-a-name-of-its-own.yaml"
    [problem] = check.check_spec(text, path, replace(near, settings=settings))[1]
    assert problem.code == "MO130"
    assert "too long for Kubernetes" in problem.message
    assert check.check_spec(text, path, near)[1] == []


def test_an_expired_waiver_is_a_warning(near: Surroundings) -> None:
    gate = "{metric: accuracy, min: 0.5, waive: {until: 2023-12-31, by: '@acme/risk', why: Known outage.}}"
    text = f"{SHORTEST}evaluate: {{gates: [{gate}]}}\n"
    spec, [problem] = check.check_spec(text, "specs/shortest.yaml", near)
    assert spec is not None
    assert (problem.level, problem.code) == ("warning", "MO138")
    assert check.check_spec(text.replace("2023-12-31", "2024-01-01"), "specs/shortest.yaml", near)[1] == []
