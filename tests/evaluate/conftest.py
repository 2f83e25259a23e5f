"""One bench for all tests of evaluation."""

from __future__ import annotations

import pytest
from small_models import Bench


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Models are trained once: stages are remembered."""
    return Bench(tmp_path_factory.mktemp("bench"))
