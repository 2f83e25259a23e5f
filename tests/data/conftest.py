"""Fixtures of the data stage's tests."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest
from trips import make_rows

from modelops.core.store import Store


@pytest.fixture
def store(tmp_path: Path) -> Store:
    """An empty store."""
    return Store(tmp_path / "store")


@pytest.fixture
def rows() -> pd.DataFrame:
    """Forty trips."""
    return make_rows()
