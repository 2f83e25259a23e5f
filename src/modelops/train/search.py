"""Hyperparameter search. Spec, rows and seed decide the result; timing, processes and machines do not."""

from __future__ import annotations

import re
import warnings
from dataclasses import dataclass
from typing import Any

import pandas as pd

from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.spec.training import Range, Search
from modelops.train.engine import processes
from modelops.train.fit import Training, first_line, fit_arguments, pipeline
from modelops.train.folds import Fold, folds
from modelops.train.scoring import Scorer, natural, scorer
from modelops.train.trials import Trials


@dataclass(frozen=True)
class Found:
    """The estimator's parameters, and one cross-validation score per fold when they were searched."""

    params: dict[str, Any]
    scores: tuple[float, ...] = ()


def find(training: Training, rows: pd.DataFrame, store: Store, key: str) -> Found:
    """Return the parameters to fit with: the spec's, with the best of the search over them.

    Parameters
    ----------
    training : Training
        What to fit.
    rows : pandas.DataFrame
        The training rows as the data stage gives them, for folds by time and group.
    store : Store
        Remembers trials, so that a search that was interrupted goes on where it was.
    key : str
        Names what the trials depend on.

    Raises
    ------
    ModelopsError
        When the search cannot be made, or every trial fails.
    """
    search = training.spec.train.search
    params = dict(training.spec.train.params)
    if search is None:
        return Found(params)
    parts = folds(training.spec, search.folds, rows, training.target)
    judge = scorer(training.spec, len(training.classes))
    with processes(training.spec, training.rows.size):
        if search.method == "optuna":
            best, scores = Trials(training, params, parts, judge, store, key).run(search)
        else:
            best, scores = _sklearn(training, search, params, parts, judge)
    return Found({**params, **best}, tuple(natural(training.spec, score) for score in scores))


def _sklearn(
    training: Training, search: Search, params: dict[str, Any], parts: list[Fold], judge: Scorer
) -> tuple[dict[str, Any], list[float]]:
    searcher = _searcher(training, search, params, parts, judge)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about settings that fail: their score is missing, and others win
        try:
            searcher.fit(training.rows, training.target, **fit_arguments(training))
        except ValueError as error:
            cause = re.search(r"Error: (.+)", str(error))
            text = f"every trial failed: {cause[1]}" if cause else first_line(str(error))
            raise ModelopsError(f"train.search: {text}", hint="check train.search.space") from error
    results, best = searcher.cv_results_, searcher.best_index_
    scores = [float(results[f"split{place}_test_score"][best]) for place in range(len(parts))]
    found = {name.removeprefix("estimator__"): _plain(value) for name, value in results["params"][best].items()}
    if search.method == "halving":  # its scores are of part of the rows: score the winner on all of them
        winner = {name: (value,) for name, value in found.items()}
        settled = search.model_copy(update={"method": "grid", "space": winner})
        return found, _sklearn(training, settled, params, parts, judge)[1]
    return found, scores


def _searcher(training: Training, search: Search, params: dict[str, Any], parts: list[Fold], judge: Scorer) -> Any:
    from sklearn.experimental import enable_halving_search_cv  # noqa: F401 - makes the next import work
    from sklearn.model_selection import GridSearchCV, HalvingRandomSearchCV, RandomizedSearchCV

    model = pipeline(training, params)
    space = {f"estimator__{name}": _choices(name, value, search.method) for name, value in search.space.items()}
    shared = {"scoring": judge, "cv": parts, "refit": False}
    if search.method == "grid":
        return GridSearchCV(model, space, **shared)
    seed = training.spec.train.seed
    if search.method == "random":
        return RandomizedSearchCV(model, space, n_iter=search.trials, random_state=seed, **shared)
    return HalvingRandomSearchCV(
        model, space, n_candidates=search.trials, min_resources="exhaust", random_state=seed, **shared
    )


def _choices(name: str, value: Range | tuple[Any, ...], method: str) -> Any:
    from scipy.stats import loguniform, randint, uniform

    if not isinstance(value, Range):
        return list(value)
    if method == "grid":
        raise ModelopsError(
            f"train.search.space.{name}: a grid needs a list of values", hint="list the values, or use method: optuna"
        )
    if value.integer:
        return randint(int(value.low), int(value.high) + 1)
    return loguniform(value.low, value.high) if value.log else uniform(value.low, value.high - value.low)


def _plain(value: Any) -> Any:
    return value.item() if hasattr(value, "item") else value
