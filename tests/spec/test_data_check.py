"""`modelops validate --data`: what only the data can tell, at its place in the spec."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from modelops.cli.main import run

ROOT = Path(__file__).parent.parent.parent
SPEC = """\
apiVersion: modelops/v1
kind: Model
name: churn
owner: "@acme/growth"
data:
  sources:
    people: data/people.csv
    visits: data/visits.csv
  query: |
    SELECT p.*, v.visits
    FROM people p JOIN visits v ON v.person = p.person
    WHERE p.age > 1
  key: person
  target: left
features:
  numeric: {columns: [age, visits]}
  categorical: {columns: [plan]}
train: {task: classification, estimator: sklearn.linear_model.LogisticRegression}
evaluate: {slices: [plan]}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one model over two files, entered."""
    (tmp_path / "specs").mkdir()
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "modelops.yaml", tmp_path)
    (tmp_path / "data" / "people.csv").write_text("person,age,plan,left\n1,30,free,0\n2,40,paid,1\n", encoding="utf-8")
    (tmp_path / "data" / "visits.csv").write_text("person,visits\n1,3\n2,5\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _validate(repository: Path, old: str, new: str) -> int:
    assert old in SPEC
    (repository / "specs" / "churn.yaml").write_text(SPEC.replace(old, new), encoding="utf-8")
    assert run(["validate"]) == 0, "nothing of this shows without data"
    return run(["validate", "--data"])


def test_a_spec_that_fits_its_data(repository: Path) -> None:
    assert _validate(repository, "age > 1", "age > 2") == 0


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("data/visits.csv", "data/visit.csv", "8:13: data.sources.visits: no file matches 'data/visit.csv'"),
        ("data/visits.csv", "data/visits.doc", "8:13: data.sources.visits: 'data/visits.doc' does not say what it is"),
        ("FROM people p", "FORM people p", '11:10: data.query: syntax error at or near "people"'),
        (
            "JOIN visits v",
            "JOIN visit v",
            '11:24: the query reads "visit", which is not declared in data.sources; did you mean',
        ),
        ("p.age > 1", "p.agee > 1", '12:11: the query uses a column "agee" that no source has'),
        ("SELECT p.*, v.visits", "SELECT p.*, v.visits, v.person", '9:10: the query returns "person" twice'),
        ("target: left", "target: lef", '14:11: the data has no column "lef"; did you mean "left"?'),
        ("[age, visits]", "[age, visit]", '16:28: the data has no column "visit"; did you mean "visits"?'),
        ("[age, visits]", "[age, plan]", '16:28: "plan" is no number in 2 rows of the data'),
        ("slices: [plan]", "slices: [region]", '19:21: the data has no column "region"'),
        ("WHERE p.age > 1", "WHERE p.age > 1; SELECT 2", "9:10: data.query: only one SELECT is allowed"),
        ("WHERE p.age > 1", "UNION ALL SELECT * FROM read_csv('/etc/passwd')", ""),
    ],
)
def test_what_the_data_contradicts_is_said_at_its_place(
    repository: Path, old: str, new: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _validate(repository, old, new) == 1
    assert f"specs/churn.yaml:{said}" in capsys.readouterr().out


def test_plan_says_the_same(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["init", "-q", "-b", "main"], ["add", "."], ["commit", "-qm", "first"]):
        subprocess.run(["git", *arguments], check=True)
    assert _validate(repository, "target: left", "target: lef") == 1
    assert run(["plan"]) == 1
    assert 'specs/churn.yaml:14:11: the data has no column "lef"' in capsys.readouterr().err
