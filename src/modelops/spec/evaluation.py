"""`evaluate:` of a spec: split, metrics, slices, fairness, gates."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from modelops.core.settings import Strict
from modelops.spec.training import Cost
from modelops.spec.units import Day, Duration

Fraction = Annotated[float, Field(gt=0, lt=1)]

CLASSIFICATION_METRICS = (
    "roc_auc",
    "average_precision",
    "log_loss",
    "brier",
    "accuracy",
    "balanced_accuracy",
    "precision",
    "recall",
    "f1",
    "calibration_error",
    "cost",
)
REGRESSION_METRICS = ("mae", "rmse", "r2", "median_absolute_error", "mape", "bias")
MEASURED_METRICS = ("latency_p50_ms", "latency_p99_ms")
MODEL_METRICS = ("model_bytes", "train_test_gap", "fold_spread", "parity")
FAIRNESS_METRICS = ("demographic_parity", "equal_opportunity", "disparate_impact")
LOWER_IS_BETTER = frozenset(
    {
        "log_loss",
        "brier",
        "calibration_error",
        "cost",
        "mae",
        "rmse",
        "median_absolute_error",
        "mape",
        "demographic_parity",
        "equal_opportunity",
        *MEASURED_METRICS,
        *MODEL_METRICS,
    }
)


class TimeSplit(Strict):
    """The last days are the test rows; the ones before them the validation rows."""

    by: Literal["time"] = Field(description="Split at a moment.", examples=["time"])
    test: Duration = Field(description="Length of the test part.", examples=["14d"])
    validation: Duration | None = Field(
        default=None, description="Length of the validation part before it.", examples=["7d"]
    )


class HashSplit(Strict):
    """A hash of the key decides, so that a row stays on its side in every version."""

    by: Literal["hash"] = Field(description="Split by a hash.", examples=["hash"])
    test: Fraction = Field(default=0.25, description="Share of test rows, 0 to 1.", examples=[0.25])
    validation: Fraction | None = Field(default=None, description="Share of validation rows, 0 to 1.", examples=[0.1])
    on: str | None = Field(
        default=None,
        description="Column to hash, for example a group; the key by default, else all columns.",
        examples=["tailnum"],
    )


class Waiver(Strict):
    """Somebody answers for a gate that does not hold, until a day."""

    until: Day = Field(description="Last day (UTC) on which the waiver counts.", examples=["2013-09-30"])
    by: str = Field(
        description="Who answers for it.", examples=["@my-org/risk"], pattern=r"^@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?$"
    )
    why: str = Field(
        description="The reason, for the reader in a year.", examples=["New carrier has no history yet."], min_length=3
    )


class Gate(Strict):
    """A condition on evidence. Either limits (`min`, `max`) or a comparison (`against`)."""

    metric: str = Field(description="Name of a metric.", examples=["roc_auc"])
    min: float | None = Field(
        default=None, description="Smallest value that passes, in the metric's unit.", examples=[0.65]
    )
    max: float | None = Field(
        default=None, description="Largest value that passes, in the metric's unit.", examples=[5]
    )
    slice: str | None = Field(default=None, description="Must hold on every value of this column.", examples=["origin"])
    against: Literal["champion"] | None = Field(
        default=None, description="Compare with the model that runs.", examples=["champion"]
    )
    margin: float = Field(
        default=0.0,
        ge=0,
        description="How much worse than the champion still passes, in the metric's unit.",
        examples=[0.01],
    )
    waive: Waiver | None = Field(
        default=None,
        description="Let the gate pass although it does not hold.",
        examples=[{"until": "2013-09-30", "by": "@my-org/risk", "why": "Known outage."}],
    )


class Fairness(Strict):
    """Which groups are compared."""

    columns: Annotated[tuple[str, ...], Field(min_length=1)] = Field(
        description="Columns that define groups.", examples=[["origin"]]
    )
    positive: str | bool | int | None = Field(
        default=None, description="The outcome that counts as favourable; the last class by default.", examples=[False]
    )
    min_rows: int = Field(
        default=50, ge=10, description="Groups with fewer test rows than this number are not judged.", examples=[50]
    )


class Evaluate(Strict):
    """How a candidate is judged."""

    split: Annotated[TimeSplit | HashSplit, Field(discriminator="by")] = Field(
        default=HashSplit(by="hash"), description="Which rows are held back.", examples=[{"by": "time", "test": "14d"}]
    )
    metrics: tuple[str, ...] = Field(
        default=(),
        description="Metrics to report; the first is the one that counts. The task's usual ones by default.",
        examples=[["roc_auc", "brier"]],
    )
    slices: tuple[str, ...] = Field(
        default=(), description="Columns whose values are reported one by one.", examples=[["origin", "carrier"]]
    )
    min_rows: int = Field(
        default=50, ge=10, description="Slices with fewer test rows than this number are not judged.", examples=[50]
    )
    fairness: Fairness | None = Field(default=None, description="Fairness audit.", examples=[{"columns": ["origin"]}])
    cost: Cost | None = Field(
        default=None,
        description="What mistakes cost, for the metric `cost` (per row).",
        examples=[{"false_positive": 1, "false_negative": 5}],
    )
    gates: tuple[Gate, ...] = Field(
        default=(),
        description="Conditions that must hold before a candidate can be merged.",
        examples=[[{"metric": "roc_auc", "min": 0.65}]],
    )
