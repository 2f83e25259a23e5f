"""Trials that Optuna proposes, in batches of a fixed size.

Optuna is asked for a whole batch before it hears the scores of any of it, and hears them in the order it asked.
So the proposals depend on seed and batch size only, whichever trial is ready first. A search that is repeated asks
for the same trials, and those whose scores the store knows are not fitted again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import joblib
import numpy as np
from sklearn.base import clone
from threadpoolctl import threadpool_limits

from modelops.core import digest
from modelops.core.errors import ModelopsError
from modelops.core.store import Store
from modelops.spec.training import Range, Search
from modelops.train import progress
from modelops.train.engine import sharing
from modelops.train.estimator import build, row_weights
from modelops.train.fit import Training, first_line, pipeline
from modelops.train.folds import Fold
from modelops.train.scoring import Scorer

STAGE = "search"
Scores = list[float] | str  # one for each fold, or why the trial failed


@dataclass(frozen=True)
class Prepared:
    """One fold with its features computed, shape (rows, features), and what `fit` gets besides."""

    fit_rows: Any
    fit_target: np.ndarray
    weights: np.ndarray | None
    score_rows: Any
    score_target: np.ndarray


class Trials:
    """The trials of one search."""

    def __init__(
        self, training: Training, params: dict[str, Any], folds: list[Fold], judge: Scorer, store: Store, key: str
    ) -> None:
        self.training = training
        self.params = params
        self.judge = judge
        self.store = store
        self.key = key
        self.known: dict[str, Scores] = json.loads(store.get_record(STAGE, key) or "{}")
        self._folds = folds
        self._prepared: list[Prepared] | None = None

    def run(self, search: Search) -> tuple[dict[str, Any], list[float]]:
        """Return the best parameters and their scores, one for each fold; the first of several equal ones.

        Raises
        ------
        ModelopsError
            When every trial fails.
        """
        import optuna

        optuna.logging.set_verbosity(optuna.logging.ERROR)
        sampler = optuna.samplers.TPESampler(seed=self.training.spec.train.seed)
        study = optuna.create_study(direction="maximize", sampler=sampler)
        with sharing(self.training.spec, (array for fold in self.prepared for array in vars(fold).values())):
            return self._run(study, search)

    def _run(self, study: Any, search: Search) -> tuple[dict[str, Any], list[float]]:
        from optuna.trial import TrialState

        best: tuple[float, dict[str, Any], list[float]] | None = None
        failed = ""
        for start in range(0, search.trials, search.batch):
            trials = [study.ask() for _ in range(min(search.batch, search.trials - start))]
            proposals = [_suggest(trial, search) for trial in trials]
            for trial, proposal, scores in zip(trials, proposals, self.score(proposals), strict=True):
                if isinstance(scores, str):
                    failed = scores
                    study.tell(trial, state=TrialState.FAIL)
                    continue
                mean = float(np.mean(scores))
                study.tell(trial, mean)
                if best is None or mean > best[0]:
                    best = (mean, proposal, scores)
            progress.show(start + len(trials), search.trials, f"best {best[0]:.4f}" if best else "")
        if best is None:
            raise ModelopsError(f"train.search: every trial failed: {failed}", hint="check train.search.space")
        return best[1], best[2]

    def score(self, proposals: list[dict[str, Any]]) -> list[Scores]:
        """Return the scores of each proposal; fits those that the store does not know, then remembers them."""
        names = [digest.of_value(proposal) for proposal in proposals]
        new = {name: proposal for name, proposal in zip(names, proposals, strict=True) if name not in self.known}
        if new:
            # The largest folds first, so that no worker is left alone with one at the end.
            places = sorted(range(len(self.prepared)), key=lambda place: -len(self.prepared[place].fit_target))
            jobs = [(name, place) for place in places for name in new]
            answers = joblib.Parallel()(
                joblib.delayed(_score)(
                    build(self.training.spec, {**self.params, **new[name]}),
                    self.judge,
                    *vars(self.prepared[place]).values(),
                )
                for name, place in jobs
            )
            self.known |= _by_name(jobs, answers)
            self.store.put_record(STAGE, self.key, digest.canonical_json(self.known))
        return [self.known[name] for name in names]

    @property
    def prepared(self) -> list[Prepared]:
        """The folds with their features: computed once for all trials, on the fold's own rows."""
        if self._prepared is None:
            self._prepared = [self._prepare(*fold) for fold in self._folds]
        return self._prepared

    def _prepare(self, fit_on: np.ndarray, score_on: np.ndarray) -> Prepared:
        training = self.training
        features = clone(pipeline(training, self.params).named_steps["features"])
        rows, target = training.rows, training.target
        fit_rows = features.fit_transform(rows.iloc[fit_on], target[fit_on])
        weights = row_weights(training.spec, target[fit_on], training.classes)
        return Prepared(fit_rows, target[fit_on], weights, features.transform(rows.iloc[score_on]), target[score_on])


def _by_name(jobs: list[tuple[str, int]], answers: list[float | str]) -> dict[str, Scores]:
    scores: dict[str, Scores] = {}
    by_place = sorted(zip(jobs, answers, strict=True), key=lambda entry: entry[0][1])
    for (name, _), answer in by_place:
        so_far = scores.setdefault(name, [])
        if isinstance(answer, str):
            scores[name] = answer
        elif isinstance(so_far, list):
            so_far.append(answer)
    return scores


def _score(
    estimator: Any,
    judge: Scorer,
    fit_rows: Any,
    fit_target: np.ndarray,
    weights: np.ndarray | None,
    score_rows: Any,
    score_target: np.ndarray,
) -> float | str:
    """Fit on one fold and score, larger is better; runs in another process. A failure comes back as text."""
    arguments = {} if weights is None else {"sample_weight": weights}
    with threadpool_limits(1), joblib.parallel_config(backend="sequential"):
        try:
            estimator.fit(fit_rows, fit_target, **arguments)
            return judge(estimator, score_rows, score_target)
        except Exception as error:
            return first_line(str(error)) or type(error).__name__


def _suggest(trial: Any, search: Search) -> dict[str, Any]:
    return {name: _suggest_one(trial, name, value) for name, value in search.space.items()}


def _suggest_one(trial: Any, name: str, value: Range | tuple[Any, ...]) -> Any:
    if not isinstance(value, Range):
        return trial.suggest_categorical(name, list(value))
    if value.integer:
        return trial.suggest_int(name, int(value.low), int(value.high), log=value.log)
    return trial.suggest_float(name, value.low, value.high, log=value.log)
