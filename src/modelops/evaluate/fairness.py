"""Fairness audit: how groups of a declared column fare (demographic parity, equal opportunity, disparate impact).

Demographic parity difference and equal opportunity difference as in Hardt, Price and Srebro, 2016, "Equality of
opportunity in supervised learning"; the disparate impact ratio is the four-fifths rule of the US Uniform Guidelines on
Employee Selection Procedures, 1978.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from modelops.evaluate import bootstrap, links, slices, sums
from modelops.evaluate.bootstrap import Draws
from modelops.evaluate.estimates import Measured, Method
from modelops.evaluate.scored import Bools, Floats, Ints, Scored
from modelops.records.evaluate import Estimate, FairnessAudit, GroupOutcome
from modelops.spec.model import Spec


@dataclass(frozen=True)
class Share:
    """The share of a group's rows that get an answer, as a metric on all rows.

    Attributes
    ----------
    member
        Shape (rows,): which rows count.
    hit
        Shape (rows,): which of them get the answer.
    """

    member: Bools
    hit: Bools

    def by_row(self, weights: Floats) -> Floats:
        """Return the share for each weighting of the rows: (resamples, rows) to (resamples,)."""
        return sums.divide(weights @ (self.member & self.hit), weights @ self.member)


def audit(
    spec: Spec, method: Method, test: pd.DataFrame, rows: Scored, blocks: Ints | None, classes: Sequence[Any]
) -> list[tuple[FairnessAudit, dict[str, Measured]]]:
    """Audit every declared column.

    Parameters
    ----------
    spec
        Says which columns, which answer counts as favourable, and how many rows a group needs.
    method
        Seed and number of resamples.
    test
        The test rows.
    rows
        Their truth and prediction.
    blocks
        Shape (rows,), None where rows are independent.
    classes
        The model's classes, in the order of the codes.

    Returns
    -------
    list
        For each column the record, and its measures as gates read them. Empty in a regression.
    """
    wanted = spec.evaluate.fairness
    if wanted is None or not classes:
        return []
    positive = _code(classes, wanted.positive)
    favoured, deserving = rows.predicted == positive, rows.truth == positive
    result = []
    for column in wanted.columns:
        hidden = column in spec.data.columns and spec.data.columns[column].sensitive
        parts = slices.cut(test, column, wanted.min_rows, sensitive=hidden)
        groups = [part for part in parts if part.judged]
        metrics = [Share(part.rows, favoured) for part in groups]
        metrics += [Share(part.rows & deserving, favoured) for part in groups]
        draws = bootstrap.draw(metrics, len(rows), blocks, method.seed, method.resamples)
        result.append(_audited(column, slices.text(classes[positive]), parts, draws))
    return result


def _audited(
    column: str, positive: str, parts: list[slices.Slice], draws: list[Draws]
) -> tuple[FairnessAudit, dict[str, Measured]]:
    groups = [part for part in parts if part.judged]
    shares, found = draws[: len(groups)], draws[len(groups) :]
    measures = {
        "demographic_parity": _between(shares, ratio=False),
        "equal_opportunity": _between([each for each in found if np.isfinite(each.value)], ratio=False),
        "disparate_impact": _between(shares, ratio=True),
    }
    outcomes = tuple(
        GroupOutcome(group=part.value, rows=int(part.rows.sum()), favoured=_share(share), found=_share(hits))
        for part, share, hits in zip(groups, shares, found, strict=True)
    )
    record = FairnessAudit(
        column=column,
        positive=positive,
        groups=outcomes,
        folded=sum(int(part.rows.sum()) for part in parts if not part.judged),
        **{name: measure.estimate() for name, measure in measures.items()},
    )
    return record, measures


def _code(classes: Sequence[Any], positive: str | bool | int | None) -> int:
    if positive is None:
        return len(classes) - 1
    return [slices.text(label) for label in classes].index(slices.text(positive))


def _share(draws: Draws) -> Estimate:
    spread = bootstrap.spread(draws, links.LOGIT)
    value = draws.value if np.isfinite(draws.value) else None
    if isinstance(spread, str):
        return Measured(value, None, "no row deserves it" if value is None else spread).estimate()
    return Measured(value, spread).estimate()


def _between(groups: list[Draws], *, ratio: bool) -> Measured:
    """Compare the group that fares best with the one that fares worst.

    The two are picked once, on the rows as they are: the interval is that of their difference or ratio.
    """
    if len(groups) < 2:
        return Measured(None, None, "fewer than two groups have enough rows")
    best, worst = max(groups, key=lambda draws: draws.value), min(groups, key=lambda draws: draws.value)
    if not ratio:
        gap = best.minus(worst)
        return _measured(gap, links.IDENTITY)
    if best.value == 0:
        return Measured(None, None, "no group gets the favourable answer")
    quotient = sums.divide(worst.replicates, best.replicates)
    return _measured(Draws(worst.value / best.value, quotient, best.units, best.left_out), links.LOG)


def _measured(draws: Draws, link: links.Link) -> Measured:
    spread = bootstrap.spread(draws, link)
    return Measured(draws.value, None, spread) if isinstance(spread, str) else Measured(draws.value, spread)
