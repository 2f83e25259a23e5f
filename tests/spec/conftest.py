"""Surroundings that fixtures are checked in: two environments, one owner, a fixed day."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from modelops.core.settings import Settings
from modelops.spec.rules.surroundings import Surroundings

SPECS = Path(__file__).parent.parent / "specs"


@pytest.fixture(scope="session")
def near() -> Surroundings:
    """What fixtures are checked against."""
    settings = Settings.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Platform",
            "owner": "acme",
            "repository": "models",
            "registry": "ghcr.io/acme/models",
            "environments": {"staging": {}, "production": {}},
        }
    )
    return Surroundings(datetime(2024, 1, 1, tzinfo=UTC), settings, {"@acme/growth": "@acme/growth"}, "CODEOWNERS")
