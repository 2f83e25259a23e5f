"""The whole spec of one model, and the digests of its sections."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from modelops.core import digest
from modelops.core.settings import Name, Strict
from modelops.spec.data import Data
from modelops.spec.evaluation import CLASSIFICATION_METRICS, REGRESSION_METRICS, Evaluate
from modelops.spec.features import Features
from modelops.spec.operation import Monitor, Serve
from modelops.spec.training import Train

SECTIONS = ("data", "features", "train", "evaluate", "serve")


class Spec(Strict):
    """Desired state of one model."""

    api_version: Literal["modelops/v1"] = Field(
        alias="apiVersion", description="Version of this format.", examples=["modelops/v1"]
    )
    kind: Literal["Model"] = Field(description="Tells this file from others.", examples=["Model"])
    name: Name = Field(description="The model's name, and the file's.", examples=["flight-delay"])
    owner: str = Field(
        description="Who answers for the model: a GitHub user or team.",
        examples=["@my-org/operations-ml"],
        pattern=r"^@[A-Za-z0-9-]+(/[A-Za-z0-9._-]+)?$",
    )
    description: str = Field(
        default="",
        description="What the model predicts, in a sentence.",
        examples=["Probability that a flight lands late."],
        max_length=1000,
    )
    data: Data = Field(
        description="Which rows the model learns from.",
        examples=[{"sources": {"wine": "data/wine.csv"}, "target": "cultivar"}],
    )
    features: Features = Field(description="Which columns it sees.", examples=[{"numeric": {"columns": ["alcohol"]}}])
    train: Train = Field(
        description="How it is fitted.",
        examples=[{"task": "classification", "estimator": "sklearn.linear_model.LogisticRegression"}],
    )
    evaluate: Evaluate = Field(default=Evaluate(), description="How it is judged.", examples=[{"metrics": ["roc_auc"]}])
    serve: Serve = Field(default=Serve(), description="Where it runs.", examples=[{"environments": ["staging"]}])
    monitor: Monitor = Field(
        default=Monitor(), description="When a retrain is proposed.", examples=[{"drift": {"share": 0.3}}]
    )

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics to report: the spec's, else the task's usual ones."""
        if self.evaluate.metrics:
            return self.evaluate.metrics
        return ("accuracy", "f1", "log_loss") if self.train.task == "classification" else ("mae", "rmse", "r2")

    def section_digests(self) -> dict[str, str]:
        """Return the digest of each section as the stages use it: defaults filled in, order of keys ignored.

        The split counts to `train`, which it decides about; where training runs counts nowhere.
        """
        plain = self.model_dump(mode="json", by_alias=True)
        plain["train"] = {
            **{key: value for key, value in plain["train"].items() if key not in ("engine", "runs_on")},
            "split": plain["evaluate"].pop("split"),
        }
        return {section: digest.of_value(plain[section]) for section in SECTIONS}


def task_metrics(task: str) -> tuple[str, ...]:
    """Return the metrics that fit a task."""
    return CLASSIFICATION_METRICS if task == "classification" else REGRESSION_METRICS
