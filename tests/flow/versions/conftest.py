"""A repository with two versions of the small model."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from modelops.core.workspace import Workspace
from modelops.flow.run import run
from modelops.flow.scratch import make_scratch
from modelops.spec.load import load_settings


@pytest.fixture(scope="session")
def two_versions(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """A repository whose wine model has a second version, compared with the first. Leave it as you found it."""
    name, root = "wine-cultivar", Path(__file__).resolve().parents[3]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HOME", str(tmp_path_factory.mktemp("home")))
        space = make_scratch(root, load_settings(root), tmp_path_factory.mktemp("versions") / "scratch")
        spec = space.spec_path(name)
        gates = "gates: [{metric: accuracy, min: 0.9}, {metric: accuracy, against: champion, margin: 0.05}]"
        text = spec.read_text().replace("gates: [{metric: accuracy, min: 0.9}]", gates)
        text = text.replace(gates, gates + "\n  slices: [strong]\n  min_rows: 10")
        query = "target: cultivar\n  query: SELECT *, alcohol > 13 AS strong FROM wine"
        text = text.replace("target: cultivar", query)
        for regularisation in (1.0, 0.5):
            params = f"LogisticRegression\n  params: {{C: {regularisation}}}"
            spec.write_text(text.replace("LogisticRegression", params))
            assert run(space, name).written
            space.git.commit(f"Lock with C={regularisation}", "specs", "models")
        yield space
