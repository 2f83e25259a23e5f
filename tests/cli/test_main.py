"""The command line starts quickly, imports nothing heavy, and ends with the right exit code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from modelops.cli.boundary import boundary
from modelops.cli.main import VERBS, cli
from modelops.core.errors import InvalidFile, ModelopsError, Problem

HEAVY = ("mlflow", "sklearn", "pandas", "numpy", "evidently", "bentoml", "duckdb", "onnx", "onnxruntime", "pyarrow")


def modules_after(arguments: list[str]) -> set[str]:
    """Return the top-level modules that a verb imports, in a process of its own."""
    code = (
        "import sys; from modelops.cli.main import run; code = run(sys.argv[1:]); "
        "print('\\n'.join(sorted({name.split('.')[0] for name in sys.modules})), file=sys.stderr); sys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=True)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [["--help"], ["validate"], ["explain", "MO120"]])
def test_quick_verbs_import_nothing_heavy(arguments: list[str], monkeypatch, repository_root) -> None:
    monkeypatch.chdir(repository_root)
    assert not modules_after(arguments) & set(HEAVY)


@pytest.mark.parametrize("verb", VERBS)
def test_every_verb_has_help(verb: str) -> None:
    result = CliRunner().invoke(cli, [verb, "--help"])
    assert result.exit_code == 0, result.output
    assert f"Usage: cli {verb}" in result.output


def test_an_unknown_verb_gets_a_suggestion() -> None:
    result = CliRunner().invoke(cli, ["valdate"])
    assert result.exit_code == 2
    assert 'Did you mean "validate"?' in result.output


def test_outside_a_repository_one_line_says_what_to_do(monkeypatch, tmp_path) -> None:
    monkeypatch.chdir(tmp_path)
    done = subprocess.run([sys.executable, "-m", "modelops", "plan"], capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("error: no modelops.yaml in ")
    assert "Traceback" not in done.stderr


def raise_(error: BaseException) -> None:
    raise error


def test_a_mistake_prints_message_and_hint(capsys) -> None:
    assert boundary(lambda: raise_(ModelopsError("it is wrong", hint="mend it"))) == 1
    assert capsys.readouterr().err == "error: it is wrong\n  mend it\n"


def test_problems_print_with_their_places(capsys) -> None:
    problem = Problem("specs/a.yaml", 3, 5, "MO101", "unknown key", 'did you mean "min"?')
    assert boundary(lambda: raise_(InvalidFile([problem]))) == 1
    assert capsys.readouterr().err == 'specs/a.yaml:3:5: unknown key; did you mean "min"?\n'


def test_problems_become_annotations_in_actions(capsys, monkeypatch) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    boundary(lambda: raise_(InvalidFile([Problem("specs/a.yaml", 3, 5, "MO101", "100%\nwrong")])))
    assert capsys.readouterr().err == "::error file=specs/a.yaml,line=3,col=5,title=MO101::100%25%0Awrong\n"


def test_the_unexpected_leaves_a_report_and_exit_3(capsys) -> None:
    assert boundary(lambda: raise_(ZeroDivisionError("division by zero"))) == 3
    message = capsys.readouterr().err
    assert message.startswith("unexpected ZeroDivisionError: division by zero\n  please report it with ")
    report = Path(message.split("with ")[1].strip()).read_text()
    assert "Traceback" in report
    assert "ZeroDivisionError" in report


def test_ctrl_c_exits_130(capsys) -> None:
    assert boundary(lambda: raise_(KeyboardInterrupt())) == 130
    assert "interrupted" in capsys.readouterr().err


def test_a_full_disk_is_said_plainly(capsys) -> None:
    assert boundary(lambda: raise_(OSError(28, "No space left on device"))) == 1
    assert "the disk is full" in capsys.readouterr().err
