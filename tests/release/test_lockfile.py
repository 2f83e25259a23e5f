from __future__ import annotations

import math
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from release_samples import lock, sha, spec

from modelops.core.errors import InvalidFile
from modelops.records.evaluate import Estimate
from modelops.records.lock import Lock
from modelops.release import lockfile

PATH = "models/wine/lock.yaml"
texts = st.text(st.characters(blacklist_categories=("Cs",)), max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False)
plain = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**18), 10**18) | numbers | texts,
    lambda inner: st.lists(inner, max_size=3),
)


def sample(**more: object) -> Lock:
    return lock(spec(), 4, code=sha("9"), **more)


def test_a_lock_reads_like_the_design_says() -> None:
    text = lockfile.dumps(sample())
    lines = text.splitlines()
    assert lines[0] == "# written by `modelops run`; do not edit: change the model's spec and run it again"
    assert lines[1] == "version: 4"
    assert list(yaml.safe_load(text)) == ["version", "parent", "resolved", "observed"]
    assert "    accuracy: {value: 0.30000000000000004, low: 1.0e-07, high: 1.0e+22, why: ''}" in lines
    assert "  environment: {python: '3.11', numpy: '2.4.6'}" in lines


@given(st.dictionaries(texts, plain, max_size=4), st.dictionaries(texts, numbers, max_size=4))
def test_a_lock_comes_back_exactly(params: dict[str, object], importance: dict[str, float]) -> None:
    written = sample(params=params, importance=importance)
    text = lockfile.dumps(written)
    read = lockfile.parse(text, PATH)
    assert read == written
    assert lockfile.dumps(read) == text
    assert "&id" not in text


@given(numbers)
def test_floats_have_the_fewest_digits_that_give_the_number_back(number: float) -> None:
    text = lockfile.dumps(sample(metrics={"accuracy": Estimate(value=number)}))
    written = text.split("accuracy: {value: ")[1].split(",")[0]
    assert float(written) == number
    assert math.copysign(1, float(written)) == math.copysign(1, number)
    assert len(written) <= len(repr(number)) + 2  # YAML 1.1 wants 1.0e-07 where Python writes 1e-07


def test_reading_and_writing(tmp_path: Path) -> None:
    path = tmp_path / PATH
    assert lockfile.read(path) is None
    assert lockfile.write(path, sample()) is True
    assert lockfile.write(path, sample()) is False
    assert lockfile.read(path) == sample()


def test_the_digest_does_not_depend_on_line_ends() -> None:
    text = lockfile.dumps(sample())
    assert lockfile.digest(text) == lockfile.digest(text.replace("\n", "\r\n"))
    assert lockfile.parse(text.replace("\n", "\r\n"), PATH) == sample()


def test_a_lock_cut_off_anywhere_is_refused() -> None:
    text = lockfile.dumps(sample())
    for length in range(0, len(text) - 1, 7):
        with pytest.raises(InvalidFile, match=r"models/wine/lock\.yaml: .*(not whole|changed by something else)"):
            lockfile.parse(text[:length], PATH)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("passed: true", "passed: false"),
        ("version: 4", "version: 5"),
        ("rows: 178", "rows: 179"),
        ("  code:", "    code:"),
    ],
)
def test_a_lock_edited_by_hand_is_refused_with_what_to_do(old: str, new: str) -> None:
    text = lockfile.dumps(sample())
    assert text.count(old) >= 1
    with pytest.raises(InvalidFile, match=r"changed by something else than `modelops run`.*git checkout"):
        lockfile.parse(text.replace(old, new, 1), PATH)


def test_a_merge_conflict_is_named() -> None:
    text = lockfile.dumps(sample())
    with pytest.raises(InvalidFile, match=r"unresolved merge conflict.*run `modelops run` again"):
        lockfile.parse(f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>> main\n", PATH)


def test_a_lock_of_another_format_names_line_and_key() -> None:
    body = (
        lockfile.dumps(sample()).split(lockfile.END)[0].replace("platform: linux/x86_64\n", "platfrom: linux/x86_64\n")
    )
    with pytest.raises(InvalidFile) as caught:
        lockfile.parse(f"{body}{lockfile.END}{lockfile.digest(body)}\n", PATH)
    messages = [str(problem) for problem in caught.value.problems]
    assert any("resolved.platform: field required" in message for message in messages)
    line = next(number for number, text in enumerate(body.splitlines(), 1) if "platfrom" in text)
    assert any(f"lock.yaml:{line}:" in message and "resolved.platfrom" in message for message in messages)
