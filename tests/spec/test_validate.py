"""The verbs validate, explain, set and schema, as people and scripts use them."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from modelops.cli.main import run
from modelops.core.codes import CODES
from modelops.core.errors import Problem
from modelops.core.problems import as_json, github, sarif, text
from modelops.spec import walk
from modelops.spec.model import Spec
from modelops.spec.reference import generated

ROOT = Path(__file__).parent.parent.parent
SPEC = """\
apiVersion: modelops/v1
kind: Model
name: churn
owner: "@acme/growth"
data: {sources: {rows: rows.csv}, target: left} # the data
features: {numeric: {columns: [age]}}
train: {task: classification, estimator: sklearn.linear_model.LogisticRegression, params: {C: 1}}
"""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one model, entered."""
    (tmp_path / "specs").mkdir()
    shutil.copy(ROOT / "modelops.yaml", tmp_path)
    (tmp_path / "specs" / "churn.yaml").write_text(SPEC, encoding="utf-8")
    (tmp_path / "rows.csv").write_text("age,left\n1,0\n2,1\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _break(repository: Path, old: str, new: str) -> None:
    path = repository / "specs" / "churn.yaml"
    before = path.read_text(encoding="utf-8")
    assert old in before
    path.write_text(before.replace(old, new), encoding="utf-8")


def test_a_clean_repository_exits_0(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate"]) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "2 files checked: no problems\n"


def test_problems_of_all_files_are_told_in_one_run(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    _break(repository, "task: classification", "task: clasification")
    (repository / "specs" / "second.yaml").write_text("kind: Modle\n", encoding="utf-8")
    settings = repository / "modelops.yaml"
    settings.write_text(settings.read_text(encoding="utf-8") + "ownr: x\n", encoding="utf-8")
    assert run(["validate"]) == 1
    out, err = capsys.readouterr()
    paths = {line.partition(":")[0] for line in out.splitlines()}
    assert paths == {"modelops.yaml", "specs/churn.yaml", "specs/second.yaml"}
    assert (
        'specs/churn.yaml:7:15: train.task: "clasification" is not one of classification, regression; '
        'did you mean "classification"? [MO123]\n' in out
    )
    assert err.startswith("3 files checked: ")


def test_a_malformed_part_does_not_hide_problems_elsewhere(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    _break(repository, "{C: 1}", "{c: 1}")
    _break(repository, "target: left", "target: left, window: 3 weeks")
    assert run(["validate", "churn"]) == 1
    out = capsys.readouterr().out
    assert "MO125" in out
    assert 'LogisticRegression has no parameter "c"; did you mean "C"? [MO135]' in out


@pytest.mark.parametrize("names", [["specs/churn.yaml"], ["churn"], ["./specs/churn.yaml", "modelops.yaml"]])
def test_models_and_files_can_be_named(repository: Path, names: list[str]) -> None:
    assert run(["validate", *names]) == 0


def test_files_can_be_named_from_another_folder(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repository / "specs")
    assert run(["validate", "churn.yaml"]) == 0


def test_an_unknown_name_is_a_mistake(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["validate", "chrun"]) == 1
    assert 'did you mean "churn"?' in capsys.readouterr().err


def test_a_file_can_be_checked_outside_of_a_repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "churn.yaml").write_text(SPEC, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert run(["validate", "churn.yaml"]) == 0
    assert run(["validate"]) == 1


def test_files_that_nothing_reads_are_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (repository / "specs" / "other.yml").write_text(SPEC, encoding="utf-8")
    (repository / "specs" / "team").mkdir()
    (repository / "specs" / "team" / "deep.yaml").write_text(SPEC, encoding="utf-8")
    assert run(["validate"]) == 1
    out = capsys.readouterr().out
    assert "specs/other.yml: not read" in out
    assert "specs/team/deep.yaml: not read" in out


def test_what_is_no_readable_file_is_a_problem_not_a_traceback(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / "specs" / "folder.yaml").mkdir()
    (repository / "specs" / "gone.yaml").symlink_to("nowhere.yaml")
    assert run(["validate"]) == 1
    out = capsys.readouterr().out
    assert "specs/folder.yaml: cannot be read: Is a directory [MO109]" in out
    assert "specs/gone.yaml: cannot be read: No such file or directory [MO109]" in out


def test_an_owner_must_be_in_codeowners_where_there_is_such_a_file(
    repository: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (repository / ".github").mkdir()
    owners = repository / ".github" / "CODEOWNERS"
    owners.write_text("# owners\n* @acme/everybody\n/specs/ @Acme/Growth # them\n", encoding="utf-8")
    assert run(["validate"]) == 0
    owners.write_text("* @acme/everybody\n", encoding="utf-8")
    assert run(["validate"]) == 1
    assert "@acme/growth is not in .github/CODEOWNERS" in capsys.readouterr().out


def test_a_warning_alone_exits_0(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = repository / "specs" / "churn.yaml"
    path.write_bytes(SPEC.replace("\n", "\r\n").encode())
    assert run(["validate"]) == 0
    out, err = capsys.readouterr()
    assert "MO110" in out
    assert "1 warning" in err


@pytest.mark.parametrize("form", ["json", "github", "sarif", "text"])
def test_a_clean_repository_is_told_in_every_format(
    repository: Path, form: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["validate", "--format", form]) == 0
    out = capsys.readouterr().out
    if form == "json":
        assert json.loads(out) == {"files": 2, "problems": []}
    if form == "sarif":
        assert json.loads(out)["runs"][0]["results"] == []


def test_in_github_actions_annotations_are_the_default(
    repository: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    _break(repository, "seed", "seed") if "seed" in SPEC else _break(repository, "{C: 1}", "{C: 0}")
    assert run(["validate"]) == 1
    assert capsys.readouterr().out.startswith("::error file=specs/churn.yaml,title=MO135 ")


PROBLEM = Problem("specs/a b,c.yaml", 2, 5, "MO120", "100% wrong\nindeed", "fix: it, now")


def test_github_annotations_are_escaped() -> None:
    assert (
        github([PROBLEM])
        == "::error file=specs/a b%2Cc.yaml,title=MO120 Unknown key,line=2,col=5::100%25 wrong%0Aindeed; fix: it, now\n"
    )


def test_sarif_has_rules_and_places() -> None:
    log = json.loads(sarif([PROBLEM, Problem("b.yaml", 0, 0, "MO110", "crlf", level="warning")]))
    [run_] = log["runs"]
    assert log["version"] == "2.1.0"
    assert [rule["id"] for rule in run_["tool"]["driver"]["rules"]] == ["MO110", "MO120"]
    first, second = run_["results"]
    assert first["ruleIndex"] == 1
    assert first["locations"][0]["physicalLocation"] == {
        "artifactLocation": {"uri": "specs/a%20b%2Cc.yaml"},
        "region": {"startLine": 2, "startColumn": 5},
    }
    assert second["level"] == "warning"
    assert "region" not in second["locations"][0]["physicalLocation"]


def test_json_is_stable() -> None:
    assert json.loads(as_json([PROBLEM], 3))["problems"][0] == {
        "path": "specs/a b,c.yaml",
        "line": 2,
        "column": 5,
        "code": "MO120",
        "level": "error",
        "message": "100% wrong\nindeed",
        "hint": "fix: it, now",
    }


def test_a_person_sees_the_line_and_a_caret_below_the_place() -> None:
    lines = {"f.yaml": ["first", "naïve: 日本 [wrong]", "\tx: y"]}
    shown = text([Problem("f.yaml", 2, 11, "MO122", "must be text", "quote it")], lines)
    assert (
        shown == "f.yaml:2:11: must be text [MO122]\n  2 | naïve: 日本 [wrong]\n    |             ^\n  fix: quote it\n"
    )
    tabbed = text([Problem("f.yaml", 3, 2, "MO102", "a tab")], lines)
    assert tabbed.splitlines()[2] == "    | \t^"


def test_a_long_line_is_cut_around_the_place() -> None:
    line = "x" * 500 + "HERE" + "y" * 500
    shown = text([Problem("f.yaml", 1, 501, "MO122", "m")], {"f.yaml": [line]}).splitlines()
    at = shown[2].index("^")
    assert shown[1][at : at + 4] == "HERE"
    assert len(shown[1]) < 200


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_is_explained(code: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain", code.lower()]) == 0
    out = capsys.readouterr().out
    assert out.startswith(code)
    assert "wrong:" in out
    assert "right:" in out


def test_codes_are_listed_and_unknown_ones_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["explain"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(CODES)
    assert run(["explain", "MO999"]) == 1


def test_every_code_in_the_sources_is_in_the_list_and_the_other_way_round() -> None:
    used = {
        code
        for path in (ROOT / "src" / "modelops").rglob("*.py")
        if path.name != "codes.py"
        for code in re.findall(r'"(MO[0-9]{3})"', path.read_text(encoding="utf-8"))
    }
    assert used == set(CODES)


@pytest.mark.parametrize("path", sorted(generated()))
def test_generated_files_are_up_to_date(path: str) -> None:
    assert (ROOT / path).read_text(encoding="utf-8") == generated()[path], "run `modelops schema`"


def test_schema_check_fails_when_a_file_is_stale(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", "--check"]) == 1
    assert "schemas/model.schema.json" in capsys.readouterr().err
    assert run(["schema"]) == 0
    assert run(["schema", "--check"]) == 0


def test_every_field_has_a_description_and_an_example() -> None:
    bare = [".".join(keys) for keys, info in walk.everything(Spec) if not info.description or not info.examples]
    assert bare == []


def test_every_number_and_duration_says_its_unit() -> None:
    units = ("unit", "umber of", "0 to 1", "percent", "milliseconds", "factor", "rows than this number", "multiples")
    silent = [
        ".".join(keys)
        for keys, info in walk.everything(Spec)
        if info.annotation in (int, float, int | None, float | None)
        and not any(unit in str(info.description) for unit in units)
    ]
    assert silent == []


def test_set_changes_one_value_in_place(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["set", "churn", "train.params.C=0.5", "data.target=gone"]) == 0
    after = (repository / "specs" / "churn.yaml").read_text(encoding="utf-8")
    assert after == SPEC.replace("C: 1", "C: 0.5").replace("target: left", "target: gone")
    assert run(["set", "churn", "train.params.C=0.5"]) == 0
    assert capsys.readouterr().out.endswith("specs/churn.yaml: unchanged\n")


def test_set_keeps_windows_line_ends(repository: Path) -> None:
    path = repository / "specs" / "churn.yaml"
    path.write_bytes(SPEC.replace("\n", "\r\n").encode())
    assert run(["set", "churn", "train.params.C=2"]) == 0
    assert path.read_bytes() == SPEC.replace("C: 1", "C: 2").replace("\n", "\r\n").encode()


@pytest.mark.parametrize(
    ("assignment", "message"),
    [
        ("train.params.C=-1", "train.params.C must be a number above 0"),
        ("train.params.D=1", "train.params.D is not written in the spec"),
        ("train.task=regression", "LogisticRegression is a classifier"),
        ("train.params.C", "sets nothing"),
        ("name=other", 'the name is "other"'),
    ],
)
def test_set_refuses_what_would_not_validate(
    repository: Path, assignment: str, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["set", "churn", assignment]) == 1
    assert message in capsys.readouterr().err
    assert (repository / "specs" / "churn.yaml").read_text(encoding="utf-8") == SPEC


def test_set_quotes_where_a_text_is_meant(repository: Path) -> None:
    assert run(["set", "churn", "data.target=2013"]) == 0
    assert 'target: "2013"' in (repository / "specs" / "churn.yaml").read_text(encoding="utf-8")


def test_set_can_mend_a_value(repository: Path) -> None:
    _break(repository, "{C: 1}", "{C: -1}")
    assert run(["set", "churn", "train.params.C=1"]) == 0
    assert run(["validate"]) == 0


def test_validate_imports_nothing_heavy(repository: Path) -> None:
    _break(repository, "{C: 1}", "{c: 1}")
    code = (
        "import sys\nfrom modelops.cli.main import run\nrun(['validate'])\n"
        "heavy = {'sklearn', 'numpy', 'pandas', 'duckdb', 'mlflow', 'bentoml', 'evidently', 'onnx', 'pyarrow'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=repository)
    assert done.stdout.splitlines()[-1] == "[]"


def test_the_hooks_for_other_repositories_run_a_verb_that_exists() -> None:
    yaml = pytest.importorskip("yaml")
    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8"))
    assert {hook["entry"] for hook in hooks} == {"modelops validate"}
    assert all(re.compile(hook["files"]).search("specs/churn.yaml") for hook in hooks)
    assert not any(re.compile(hook["files"]).search("tests/specs/churn.yaml") for hook in hooks)
