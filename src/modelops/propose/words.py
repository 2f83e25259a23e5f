"""How a proposal speaks of metrics, columns and values."""

from __future__ import annotations

from modelops.report.markdown import code
from modelops.spec.evaluation import LOWER_IS_BETTER

NAMES = {
    "roc_auc": "ROC AUC",
    "average_precision": "average precision",
    "log_loss": "log loss",
    "brier": "Brier score",
    "mae": "mean absolute error",
    "rmse": "root mean squared error",
    "r2": "R²",
}


def name(metric: str) -> str:
    """Return a metric's name in a sentence."""
    return NAMES.get(metric, metric.replace("_", " "))


def capital(text: str) -> str:
    """Return a text as the start of a sentence."""
    return text[:1].upper() + text[1:]


def score(value: float | None) -> str:
    """Return a metric's value in a sentence or table; thousandths are all that anybody compares."""
    if value is None:
        return "–"
    return f"{value:.3f}" if abs(value) < 10 else f"{value:,.2f}"


def difference(value: float | None) -> str:
    """Return a difference of metrics, with its sign."""
    return "–" if value is None else ("+" if value > 0 else "") + score(value)


def span(low: float | None, high: float | None) -> str:
    """Return the interval of a difference, empty where there is none."""
    return "" if low is None or high is None else f"{difference(low)} to {difference(high)}"


def quantity(value: float) -> str:
    """Return a value of a column in three digits, or as a whole number."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def gain(metric: str, delta: float) -> float:
    """Return a difference turned so that positive is better; 0 for metrics that have no better side."""
    if metric == "bias":
        return 0.0
    return -delta if metric in LOWER_IS_BETTER else delta


def judge(metric: str, low: float | None, high: float | None) -> str:
    """Return what an interval of a difference says: better, worse, or neither clearly."""
    if low is None or high is None:
        return "unclear"
    worst, best = sorted((gain(metric, low), gain(metric, high)))
    if worst > 0:
        return "better"
    return "worse" if best < 0 else "unclear"


def listed(names: list[str], most: int = 8) -> str:
    """Return names in a sentence, at most so many."""
    shown = ", ".join(names[:most])
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


def value(text: str, longest: int = 60) -> str:
    """Return a value from the data as code, so that nothing in it is markup, a mention or a reference."""
    return code((text if len(text) <= longest else f"{text[: longest - 1]}…") or " ")
