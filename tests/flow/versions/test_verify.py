"""`verify` notices every value of a lock that is not what spec, data and code resolve to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modelops.core.errors import InvalidFile, ModelopsError
from modelops.core.workspace import Workspace
from modelops.flow import verify as stage
from modelops.flow.verify import TOLERANCE, verify
from modelops.records.lock import Lock
from modelops.records.train import TrainRecord
from modelops.release import lockfile

pytestmark = pytest.mark.slow

NAME = "wine-cultivar"


@pytest.fixture
def quick(two_versions: Workspace, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workspace]:
    """The same, with reading, training and evaluating remembered: what compares is under test. Restores the lock."""
    for part in ("resolve_data", "_train", "_evaluate", "_resolved"):
        monkeypatch.setattr(stage, part, remembered(part, getattr(stage, part)))
    text = two_versions.lock_path(NAME).read_text()
    yield two_versions
    two_versions.lock_path(NAME).write_text(text)


def remembered(part: str, original: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function, called once for each set of parameters that a model is trained with."""

    def once(*arguments: Any, **options: Any) -> Any:
        params = [
            value.resolved.params if isinstance(value, Lock) else value.params
            for value in arguments
            if isinstance(value, (Lock, TrainRecord))
        ]
        key = f"{part} {params}"
        if key not in _MEMORY:
            _MEMORY[key] = original(*arguments, **options)
        return _MEMORY[key]

    return once


_MEMORY: dict[str, Any] = {}


def test_an_honest_lock_holds(two_versions: Workspace) -> None:
    before = {path: path.read_bytes() for path in two_versions.model_dir(NAME).iterdir()}
    found = verify(two_versions, NAME)
    assert found.differences == ()
    assert found.exact
    assert found.compared > 80
    assert {path: path.read_bytes() for path in two_versions.model_dir(NAME).iterdir()} == before


def test_every_value_of_the_lock_is_compared(quick: Workspace) -> None:
    lock = lockfile.read(quick.lock_path(NAME))
    assert lock is not None
    leaves = stage._flat(lock.resolved.model_dump(mode="json"))
    assert any(path.startswith("champion.metrics.") for path in leaves)
    missed = []
    for path, value in leaves.items():
        lockfile.write(quick.lock_path(NAME), forged(lock, path, other(path, value)))
        found = verify(quick, NAME)
        if not any(path in difference.field for difference in found.differences):
            missed.append(path)
    assert missed == []


def test_an_added_or_a_lost_metric_is_noticed(quick: Workspace) -> None:
    lock = lockfile.read(quick.lock_path(NAME))
    assert lock is not None
    metrics = dict(lock.resolved.metrics)
    for changed in (metrics | {"roc_auc": metrics["f1"]}, {"f1": metrics["f1"]}):
        resolved = lock.resolved.model_copy(update={"metrics": changed})
        lockfile.write(quick.lock_path(NAME), lock.model_copy(update={"resolved": resolved}))
        assert any(difference.field.startswith("metrics.") for difference in verify(quick, NAME).differences)


@pytest.mark.parametrize("name", ["reference.json", "README.md"])
def test_a_changed_file_beside_the_lock_is_noticed(quick: Workspace, name: str) -> None:
    path = quick.model_dir(NAME) / name
    text = path.read_text()
    path.write_text(text.replace("0", "1"))
    try:
        assert [found.field for found in verify(quick, NAME).differences] == [f"models/{NAME}/{name}"]
    finally:
        path.write_text(text)


def test_a_parent_that_was_not_compared_with_is_noticed(quick: Workspace) -> None:
    lock = lockfile.read(quick.lock_path(NAME))
    assert lock is not None
    lockfile.write(quick.lock_path(NAME), lock.model_copy(update={"parent": "sha256:" + "0" * 64}))
    assert [found.field for found in verify(quick, NAME).differences] == ["the lock's parent"]


def test_a_changed_spec_makes_the_lock_stale(quick: Workspace) -> None:
    spec = quick.spec_path(NAME)
    text = spec.read_text()
    spec.write_text(text.replace("min: 0.9", "min: 0.95"))
    try:
        assert [found.field for found in verify(quick, NAME).differences] == ["spec.evaluate"]
    finally:
        spec.write_text(text)


def test_other_versions_fail_unless_asked_for_and_then_a_tolerance_holds(quick: Workspace) -> None:
    lock = lockfile.read(quick.lock_path(NAME))
    assert lock is not None
    versions = lock.resolved.environment | {"numpy": "9.9.9"}
    value = lock.resolved.metrics["accuracy"]
    for shift, holds in ((TOLERANCE / 2, True), (TOLERANCE * 2, False)):
        metrics = lock.resolved.metrics | {"accuracy": value.model_copy(update={"value": (value.value or 0) - shift})}
        resolved = lock.resolved.model_copy(update={"environment": versions, "metrics": metrics})
        lockfile.write(quick.lock_path(NAME), lock.model_copy(update={"resolved": resolved}))
        assert "environment.numpy" in [found.field for found in verify(quick, NAME).differences]
        elsewhere = verify(quick, NAME, elsewhere=True)
        assert elsewhere.holds is holds
        assert not elsewhere.exact


def test_no_lock_and_an_edited_lock_are_errors(quick: Workspace) -> None:
    path = quick.lock_path(NAME)
    path.write_text(path.read_text().replace("version: 2", "version: 3"))
    with pytest.raises(InvalidFile, match="changed by something else"):
        verify(quick, NAME)
    with pytest.raises(ModelopsError, match="no lock to verify"):
        verify(quick, "flight-delay")


def other(path: str, value: Any) -> Any:
    """Return another valid value for a leaf."""
    words = {"passed": "waived", "onnx": "skops", "not applicable": "passed"}
    if value is None:
        return 0.123 if path.endswith((".value", ".low", ".high", ".limit", "threshold", "flips")) else "other"
    if isinstance(value, bool):
        return not value
    if isinstance(value, (int, float)):
        return value + 1
    return words.get(value, f"{value}0") if isinstance(value, str) else [value]


def forged(lock: Lock, path: str, value: Any) -> Lock:
    """Return the lock with one value below `resolved` replaced."""
    plain = lock.model_dump(mode="json")
    keys: list[Any] = []
    for part in path.split("."):
        name, *places = part.split("[")
        keys += [name, *(int(place.rstrip("]")) for place in places)]
    where: Any = plain["resolved"]
    for key in keys[:-1]:
        where = where[key]
    where[keys[-1]] = value
    return Lock.model_validate(plain)
