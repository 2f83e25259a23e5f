"""`modelops new` on files as they are found, up to `validate --data`."""

from __future__ import annotations

import gzip
import shutil
from pathlib import Path

import pytest
from csvs import TEN

from modelops.cli.main import run
from modelops.spec.load import load_spec
from modelops.spec.model import Spec

ROOT = Path(__file__).parent.parent.parent


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty repository, entered."""
    (tmp_path / "data").mkdir()
    shutil.copy(ROOT / "modelops.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _new(repository: Path, content: bytes | str, *options: str, name: str = "rows.csv") -> int:
    data = content.encode() if isinstance(content, str) else content
    (repository / "data" / name).write_bytes(data)
    return run(["new", "first", "--data", f"data/{name}", *options])


def _spec(repository: Path) -> Spec:
    return load_spec(repository, "first")


@pytest.mark.parametrize("style", [style for style in TEN if style != "one-column"])
def test_a_first_spec_is_valid_commented_and_short_whatever_the_file(repository: Path, style: str) -> None:
    content, target, options = TEN[style]
    assert _new(repository, content(), "--target", target, *options) == 0
    text = (repository / "specs" / "first.yaml").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 70
    assert text.count(" # ") >= 5
    assert run(["validate", "--data"]) == 0
    assert run(["set", "first", f"data.snapshot={'2024-04-01' if options[:1] == ['--time'] else '2'}"]) == 0


def test_one_column_gives_nothing_to_predict_from(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, target, _ = TEN["one-column"]
    assert _new(repository, content(), "--target", target) == 1
    assert "there is nothing to predict value from" in capsys.readouterr().err
    assert not (repository / "specs" / "first.yaml").exists()


def test_types_ranges_categories_and_missing_shares_are_inferred(repository: Path) -> None:
    content, target, _ = TEN["missing"]
    _new(repository, content(), "--target", target)
    spec = _spec(repository)
    size, region = spec.data.columns["size"], spec.data.columns["region"]
    assert (size.type, size.min) == ("number", 0)
    assert size.max is not None
    assert 200 < size.max < 400
    assert 0.05 < size.missing < 0.25
    assert region.values == ("east", "north", "south")
    assert spec.data.query is not None
    assert '"sold" IS NOT NULL' in spec.data.query
    assert spec.train.task == "classification"


def test_decimal_commas_become_numbers(repository: Path) -> None:
    content, target, _ = TEN["semicolons"]
    _new(repository, content(), "--target", target)
    spec = _spec(repository)
    assert spec.features.numeric is not None
    assert spec.features.numeric.columns == ("size", "rooms")


def test_a_time_column_gives_snapshot_window_and_split(repository: Path) -> None:
    content, target, options = TEN["dates"]
    _new(repository, content(), "--target", target, *options)
    spec = _spec(repository)
    assert spec.data.time == "Listed On"
    assert spec.data.snapshot == "2024-04-09"
    assert spec.data.window is not None
    assert spec.data.window.days == 100
    assert spec.evaluate.split.by == "time"
    assert spec.evaluate.split.test.days == 21
    assert spec.monitor.drift is not None


def test_columns_that_say_nothing_are_left_out_and_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    content, target, options = TEN["constant"]
    _new(repository, content(), "--target", target, *options)
    assert _spec(repository).features.columns == ("size", "rooms", "region")
    assert "left out: source (one value only)" in capsys.readouterr().out
    assert "# left out: source" in (repository / "specs" / "first.yaml").read_text(encoding="utf-8")


def test_a_column_that_numbers_the_rows_becomes_the_key(repository: Path) -> None:
    rows = "".join(f"{index},{index % 7},{index % 2}\n" for index in range(1, 61))
    _new(repository, f"nr,x,y\n{rows}", "--target", "y")
    assert _spec(repository).data.keys == ("nr",)


@pytest.mark.parametrize(
    ("values", "task"),
    [
        ([0, 1] * 20, "classification"),
        (["a", "b"] * 20, "classification"),
        (["true", "false"] * 20, "classification"),
        ([1, 2, 3, 2] * 10, "classification"),
        ([index * 1.5 for index in range(40)], "regression"),
        ([index * 10 for index in range(40)], "regression"),
        ([3, 5, 9, 20] * 10, "regression"),
    ],
)
def test_the_task_follows_from_the_target(repository: Path, values: list[object], task: str) -> None:
    rows = "".join(f"{index % 9},{value}\n" for index, value in enumerate(values))
    assert _new(repository, f"x,y\n{rows}", "--target", "y") == 0
    assert _spec(repository).train.task == task


def test_the_task_can_be_chosen(repository: Path) -> None:
    rows = "".join(f"{index % 9},{index % 2}\n" for index in range(40))
    assert _new(repository, f"x,y\n{rows}", "--target", "y", "--task", "regression") == 0
    assert _spec(repository).train.task == "regression"


@pytest.mark.parametrize(
    ("content", "options", "message"),
    [
        ("x,y\n1,2\n", ["--target", "z"], '--target: the file has no column "z"'),
        ("price,y\n1,2\n", ["--target", "prise"], 'did you mean "price"?'),
        ("x,y\n", ["--target", "y"], "no rows"),
        ("", ["--target", "y"], "is empty"),
        ("x,y\n1,5\n2,5\n", ["--target", "y"], '"y" has one value only'),
        ("x,y\n1,\n2,\n", ["--target", "y"], '"y" has no value in any row'),
        ("x,y\n1,1\n1,2\n2,1\n", ["--target", "y", "--key", "x"], "--key: x does not name a row: 1 of 3 rows"),
        ("x,y\na,1\nb,2\n", ["--target", "y", "--time", "x"], '--time: "x" holds texts that are no times'),
        ("x,y\n1,a\n2,b\n", ["--target", "y", "--task", "regression"], '"y" is no number'),
        ("x,y\n" + "".join(f"1,name {i}\n" for i in range(99)), ["--target", "y"], "99 different values in 99 rows"),
        ("x,y\n1,2024-01-01\n2,2024-01-02\n", ["--target", "y"], '"y" is a time'),
        ("größe,y\n1,1\n2,0\n".encode("latin-1"), ["--target", "y"], "cannot be read"),
    ],
)
def test_what_nothing_can_be_made_of_is_said_exactly(
    repository: Path, content: str | bytes, options: list[str], message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _new(repository, content, *options) == 1
    assert message in capsys.readouterr().err
    assert not (repository / "specs" / "first.yaml").exists()


def test_wrong_paths_and_names_are_said(
    repository: Path, tmp_path_factory: pytest.TempPathFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = "x,y\n" + "".join(f"{index % 9},{index % 2}\n" for index in range(20))
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "rows.csv"
    elsewhere.write_text(rows, encoding="utf-8")
    (repository / "data" / "rows.xlsx").write_bytes(b"PK")
    for data, message in (
        ("data/none.csv", "does not exist"),
        ("data", "is a folder"),
        ("data/rows.xlsx", "of no known format"),
        (str(elsewhere), "outside of the repository"),
    ):
        assert run(["new", "first", "--data", data, "--target", "y"]) == 1
        assert message in capsys.readouterr().err
    assert _new(repository, rows, "--target", "y") == 0
    assert _new(repository, rows, "--target", "y") == 1
    assert "exists already" in capsys.readouterr().err
    assert run(["new", "First_One", "--data", "data/rows.csv", "--target", "y"]) == 1
    assert "cannot be the name of a model" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["rows.tsv", "rows.csv.gz", "2024 sales [eu].csv", "order.csv", "Über.csv"])
def test_other_names_and_packings_of_files(repository: Path, name: str) -> None:
    separator = "\t" if name.endswith("tsv") else ","
    rows = "".join(f"{index % 9}{separator}{index % 2}\n" for index in range(40))
    content = f"x{separator}y\n{rows}".encode()
    assert _new(repository, gzip.compress(content) if name.endswith("gz") else content, "--target", "y", name=name) == 0
    assert run(["validate", "--data"]) == 0


def test_strange_column_names_survive(repository: Path) -> None:
    names = [
        "a b",
        "no",
        "1e3",
        'say ""x""',
        "back\\slash",
        "# hash",
        "true",
        "2024-01-01",
        "x: y",
        "{brace}",
        "two  blanks",
    ]
    head = ",".join(f'"{name}"' for name in names)
    rows = "".join(",".join([str(i * 3 % (7 + k)) for k in range(len(names))]) + f",{i % 2}\n" for i in range(40))
    assert _new(repository, f"{head},target\n{rows}", "--target", "target") == 0
    assert set(_spec(repository).features.columns) == {name.replace('""', '"') for name in names}
    assert run(["validate", "--data"]) == 0


def test_it_works_from_another_folder_and_for_globs(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for month in (1, 2):
        rows = "".join(f"{index % 9},{index % 2}\n" for index in range(40))
        (repository / "data" / f"rows-{month}.csv").write_text(f"x,y\n{rows}", encoding="utf-8")
    monkeypatch.chdir(repository / "data")
    assert run(["new", "first", "--data", "rows-*.csv", "--target", "y"]) == 0
    assert _spec(repository).data.sources == {"rows": "data/rows-*.csv"}


def test_the_owner_comes_from_codeowners(repository: Path) -> None:
    (repository / "CODEOWNERS").write_text("* @Acme/Everybody\n", encoding="utf-8")
    rows = "".join(f"{index % 9},{index % 2}\n" for index in range(40))
    assert _new(repository, f"x,y\n{rows}", "--target", "y") == 0
    assert _spec(repository).owner == "@Acme/Everybody"


def test_a_class_with_too_few_rows_is_named(repository: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = "".join(f"{index % 9},{'rare' if index == 3 else 'ab'[index % 2]}\n" for index in range(40))
    assert _new(repository, f"x,y\n{rows}", "--target", "y") == 0
    assert '"rare" is the answer in very few rows' in capsys.readouterr().err
