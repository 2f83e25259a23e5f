"""`serve:` and `monitor:` of a spec: where the model runs, and when to propose a new one."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modelops.core.settings import Strict
from modelops.spec.units import Day, Duration

Quantity = Annotated[str, Field(pattern=r"^[0-9]+(\.[0-9]+)?(m|Ki|Mi|Gi|Ti|k|M|G|T)?$")]
# Marks keys of rooms that are not built yet: the validator refuses them, the schema says so.
NOT_BUILT: dict[str, Any] = {"x-not-available": True}


class Replicas(Strict):
    """How many copies run; a horizontal autoscaler moves between the two."""

    min: int = Field(default=1, ge=1, le=1000, description="Smallest number of pods.", examples=[2])
    max: int = Field(default=1, ge=1, le=1000, description="Largest number of pods.", examples=[10])


class Resources(Strict):
    """What one pod asks for and may use."""

    cpu: Quantity = Field(default="250m", description="Processor request, in cores or thousandths.", examples=["500m"])
    memory: Quantity = Field(
        default="512Mi", description="Memory request and limit, in bytes with a unit.", examples=["1Gi"]
    )


class Rollout(Strict):
    """How a new version takes over."""

    strategy: Literal["canary", "blue-green"] = Field(description="Step by step, or at once.", examples=["canary"])
    steps: tuple[Annotated[int, Field(ge=1, le=99)], ...] = Field(
        default=(20, 50), description="Share of traffic at each step, in percent.", examples=[[20, 50]]
    )


class Slo(Strict):
    """What the service promises."""

    p99_ms: float | None = Field(
        default=None, gt=0, description="99th percentile of the response time, in milliseconds.", examples=[50]
    )
    error_rate: float | None = Field(
        default=None, gt=0, lt=1, description="Share of failed requests, 0 to 1.", examples=[0.01]
    )


class Override(Strict):
    """What differs in one environment."""

    replicas: Replicas | None = Field(
        default=None, description="Replicas in this environment.", examples=[{"min": 1, "max": 2}]
    )
    resources: Resources | None = Field(
        default=None, description="Resources in this environment.", examples=[{"cpu": "100m"}]
    )


class Serve(Strict):
    """Where and how the model runs."""

    environments: tuple[str, ...] | dict[str, Override] = Field(
        default=(),
        description=(
            "Environments of modelops.yaml that run the model, all of them by default; with overrides as a mapping."
        ),
        examples=[["staging", "production"], {"staging": {"replicas": {"min": 1, "max": 1}}, "production": {}}],
    )
    replicas: Replicas = Field(default=Replicas(), description="Number of pods.", examples=[{"min": 2, "max": 10}])
    resources: Resources = Field(
        default=Resources(), description="Resources of one pod.", examples=[{"cpu": "500m", "memory": "1Gi"}]
    )
    rollout: Rollout | None = Field(
        default=None,
        description="How a new version takes over.",
        examples=[{"strategy": "canary", "steps": [20, 50]}],
        json_schema_extra=NOT_BUILT,
    )
    slo: Slo | None = Field(
        default=None,
        description="What the service promises.",
        examples=[{"p99_ms": 50, "error_rate": 0.01}],
        json_schema_extra=NOT_BUILT,
    )

    def override(self, environment: str) -> Override:
        """Return what differs in an environment."""
        return self.environments.get(environment, Override()) if isinstance(self.environments, dict) else Override()

    def runs_in(self, environment: str) -> bool:
        """Return whether the model runs in an environment."""
        return not self.environments or environment in self.environments


class Drift(Strict):
    """When a change of the inputs or predictions counts."""

    share: float = Field(
        default=0.3,
        gt=0,
        le=1,
        description="Share of drifted columns, by weight, that triggers a proposal, 0 to 1.",
        examples=[0.3],
    )
    weigh_by: Literal["importance", "columns"] = Field(
        default="importance", description="Whether important columns count more.", examples=["importance"]
    )
    threshold: float = Field(
        default=0.2,
        gt=0,
        description="Population stability index (no unit) from which a column has drifted.",
        examples=[0.2],
    )


class Concept(Strict):
    """Watches the stream of errors."""

    detector: Literal["page-hinkley", "adwin"] = Field(
        default="page-hinkley", description="Change detector.", examples=["page-hinkley"]
    )


class Performance(Strict):
    """Watches a metric on rows whose target is known."""

    metric: str = Field(description="Name of a metric.", examples=["roc_auc"])
    min: float | None = Field(
        default=None, description="Smallest value that needs no retrain, in the metric's unit.", examples=[0.6]
    )
    max: float | None = Field(
        default=None, description="Largest value that needs no retrain, in the metric's unit.", examples=[40]
    )


class Schedule(Strict):
    """Retrains because time has passed."""

    max_age: Duration = Field(description="Oldest snapshot that needs no retrain.", examples=["90d"])


class Confirm(Strict):
    """How often a trigger must fire before it counts."""

    windows: int = Field(default=1, ge=1, description="Number of windows in which it must fire.", examples=[2])
    of: int = Field(default=1, ge=1, description="Number of windows that are looked at.", examples=[3])


class Snooze(Strict):
    """No proposals for a while, on somebody's word."""

    until: Day = Field(description="Last day (UTC) without proposals.", examples=["2013-09-30"])
    why: str = Field(
        description="The reason, for the reader in a year.",
        examples=["The new schedule starts in October."],
        min_length=3,
    )


class Monitor(Strict):
    """When a retrain is proposed."""

    window: Duration | None = Field(
        default=None,
        description="How much of the newest data is looked at; the training window by default.",
        examples=["30d"],
    )
    drift: Drift | None = Field(default=None, description="Drift of inputs and predictions.", examples=[{"share": 0.3}])
    schedule: Schedule | None = Field(default=None, description="Age of the snapshot.", examples=[{"max_age": "90d"}])
    snooze: Snooze | None = Field(
        default=None,
        description="Propose nothing up to a day.",
        examples=[{"until": "2013-09-30", "why": "The new schedule starts in October."}],
    )
    concept: Concept | None = Field(
        default=None,
        description="Drift of the relation between inputs and target.",
        examples=[{"detector": "page-hinkley"}],
        json_schema_extra=NOT_BUILT,
    )
    performance: Performance | None = Field(
        default=None,
        description="Quality on rows whose target is known.",
        examples=[{"metric": "roc_auc", "min": 0.6}],
        json_schema_extra=NOT_BUILT,
    )
    confirm: Confirm | None = Field(
        default=None,
        description="How often a trigger must fire.",
        examples=[{"windows": 2, "of": 3}],
        json_schema_extra=NOT_BUILT,
    )
    cooldown: Duration | None = Field(
        default=None, description="Rest after a proposal.", examples=["14d"], json_schema_extra=NOT_BUILT
    )
