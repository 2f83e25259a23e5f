"""One Bento for all tests of this folder: building takes seconds."""

from __future__ import annotations

import pytest

from tiny_bento import Built, build


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    """The small model, packaged."""
    return build(tmp_path_factory.mktemp("built"))
