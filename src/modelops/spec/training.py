"""`train:` of a spec: task, estimator, parameters, search."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from modelops.core.settings import Strict


class Range(Strict):
    """Numbers to search between."""

    low: float = Field(description="Smallest value, inclusive, in the parameter's own unit.", examples=[0.01])
    high: float = Field(description="Largest value, inclusive, in the parameter's own unit.", examples=[0.3])
    log: bool = Field(default=False, description="Whether to search on a logarithmic scale.", examples=[True])
    integer: bool = Field(default=False, description="Whether only whole numbers are tried.", examples=[True])


class Folds(Strict):
    """Cross-validation inside the training part."""

    k: int = Field(default=3, ge=2, le=20, description="Number of folds.", examples=[5])
    by: Literal["time", "group", "strata", "rows"] = Field(
        default="rows", description="What must not be torn apart, or must be balanced.", examples=["time"]
    )
    group: str | None = Field(default=None, description="Column of the groups, with `by: group`.", examples=["tailnum"])


class Search(Strict):
    """Hyperparameter search. The same seed gives the same result."""

    method: Literal["optuna", "random", "grid", "halving"] = Field(
        default="optuna", description="Who proposes parameters.", examples=["optuna"]
    )
    trials: int = Field(default=20, ge=1, le=10_000, description="Number of settings that are tried.", examples=[50])
    metric: str | None = Field(
        default=None,
        description="Metric to optimise; the first of `evaluate.metrics` by default.",
        examples=["roc_auc"],
    )
    space: dict[str, Range | tuple[str | int | float | bool | None, ...]] = Field(
        description="Parameter to range or list of values.",
        examples=[{"learning_rate": {"low": 0.01, "high": 0.3, "log": True}}],
        min_length=1,
    )
    folds: Folds = Field(
        default=Folds(), description="Cross-validation of each trial.", examples=[{"k": 3, "by": "time"}]
    )
    batch: int = Field(
        default=4,
        ge=1,
        le=256,
        description="Number of trials proposed at once; the result depends on it, not on timing.",
        examples=[4],
    )


class Calibrate(Strict):
    """Calibration of probabilities by cross-validation."""

    method: Literal["sigmoid", "isotonic"] = Field(
        default="sigmoid", description="Shape of the correction.", examples=["isotonic"]
    )
    folds: int = Field(default=3, ge=2, le=20, description="Number of folds.", examples=[3])


class Threshold(Strict):
    """Decision threshold of a binary classifier, chosen on the validation part. Exactly one of the two."""

    recall: Annotated[float, Field(gt=0, le=1)] | None = Field(
        default=None,
        description="The largest threshold that finds at least this share of positives, 0 to 1.",
        examples=[0.8],
    )
    cost: Cost | None = Field(
        default=None,
        description="The threshold with the lowest cost.",
        examples=[{"false_positive": 1, "false_negative": 5}],
    )


class Cost(Strict):
    """What mistakes cost, in any one unit."""

    false_positive: float = Field(ge=0, description="Cost of a false alarm, in a unit of your choice.", examples=[1])
    false_negative: float = Field(ge=0, description="Cost of a miss, in the same unit.", examples=[5])


class Engine(Strict):
    """Where search, cross-validation and ensembles run."""

    kind: Literal["local", "dask"] = Field(
        default="local", description="This machine, or a Dask cluster.", examples=["dask"]
    )
    address: str | None = Field(default=None, description="The Dask scheduler.", examples=["tcp://scheduler:8786"])


class Train(Strict):
    """How the model is fitted."""

    task: Literal["classification", "regression"] = Field(
        description="What is predicted: a class or a number.", examples=["classification"]
    )
    estimator: str = Field(
        description="Import path of a scikit-learn compatible estimator.",
        examples=["sklearn.ensemble.HistGradientBoostingClassifier"],
        pattern=r"^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$",
    )
    params: dict[str, Any] = Field(default={}, description="The estimator's parameters.", examples=[{"max_iter": 200}])
    seed: int = Field(
        default=7, ge=0, le=4_294_967_295, description="Seed of everything random; a number without unit.", examples=[7]
    )
    class_weight: Literal["balanced"] | dict[str, float] | None = Field(
        default=None,
        description="Weight of each class, a factor; `balanced` weighs by inverse frequency.",
        examples=["balanced"],
    )
    calibrate: Calibrate | None = Field(
        default=None, description="Calibration of probabilities.", examples=[{"method": "isotonic"}]
    )
    threshold: Threshold | None = Field(
        default=None, description="Decision threshold; 0.5 without it.", examples=[{"recall": 0.8}]
    )
    search: Search | None = Field(
        default=None, description="Hyperparameter search.", examples=[{"trials": 20, "space": {"max_depth": [3, 5, 8]}}]
    )
    engine: Engine = Field(
        default=Engine(),
        description="Where search and ensembles run.",
        examples=[{"kind": "dask", "address": "tcp://scheduler:8786"}],
    )
    runs_on: str = Field(
        default="ubuntu-24.04",
        description="Runner label of the training job in GitHub Actions.",
        examples=["ubuntu-24.04"],
    )


Threshold.model_rebuild()
