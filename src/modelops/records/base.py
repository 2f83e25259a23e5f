"""The base of all records."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """Frozen, refuses unknown keys, and goes to JSON and back without loss."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
