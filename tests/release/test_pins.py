from __future__ import annotations

from pathlib import Path

import pytest
from release_samples import lock, release, sha, spec

from modelops.core.errors import InvalidFile
from modelops.release import pins

PATH = "argocd/environments/staging/wine/release.yaml"


def test_a_pin_takes_version_snapshot_bento_and_image_from_the_lock() -> None:
    locked = lock(spec(snapshot="2013-03-31"), 3, code=sha("9"))
    pin = pins.pin(locked, sha("7"), "wine", "staging")
    assert pin.model_dump() == {
        "model": "wine",
        "environment": "staging",
        "version": 3,
        "lock": sha("7"),
        "snapshot": "2013-03-31",
        "bento": locked.resolved.bento,
        "image": locked.observed.image,
    }


def test_a_pin_comes_back_exactly(tmp_path: Path) -> None:
    path = tmp_path / PATH
    assert pins.read(path) is None
    assert pins.write(path, release()) is True
    assert pins.write(path, release()) is False
    assert pins.read(path) == release()
    assert path.read_text().startswith("# written by `modelops release`")


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("version: 1", "version: one", r"release\.yaml:4:10: version: input should be a valid integer"),
        ("version: 1\n", "", r"release\.yaml:2:1: version: field required"),
        ("version: 1", "version: 1\nversion: 2", r'release\.yaml:5:1: "version" appears twice'),
        ("version: 1", "version: [1", r"release\.yaml:\d+:\d+: not YAML"),
        ("version: 1", "versoin: 1", r"versoin: extra inputs are not permitted"),
        ("environment: staging", "environment: production", r"pins wine in production, but lies in the folder"),
    ],
)
def test_a_damaged_pin_is_named_with_its_place(old: str, new: str, message: str) -> None:
    text = pins.dumps(release())
    assert old in text
    with pytest.raises(InvalidFile, match=message):
        pins.parse(text.replace(old, new), PATH)


@pytest.mark.parametrize("text", ["", "# a comment\n", "- a list\n", "\x00", "a: !!python/object:os.system {}\n"])
def test_anything_else_is_refused_without_a_traceback(text: str) -> None:
    with pytest.raises(InvalidFile, match=r"wine/release\.yaml"):
        pins.parse(text, PATH)
