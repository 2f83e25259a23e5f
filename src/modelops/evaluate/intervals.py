"""Confidence intervals and one-sided p-values of one number, by how it was resampled."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist
from typing import Protocol

import numpy as np
from scipy.stats import t as student

from modelops.evaluate.links import IDENTITY, Link
from modelops.evaluate.scored import Floats

LEVEL = 0.95


class Spread(Protocol):
    """What resamples say about one number."""

    @property
    def value(self) -> float:
        """The number itself."""

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the two-sided confidence interval."""

    def p_at_least(self, limit: float) -> float:
        """Return the p-value of the hypothesis that the true value is `limit` or larger."""

    def p_at_most(self, limit: float) -> float:
        """Return the p-value of the hypothesis that the true value is `limit` or smaller."""


@dataclass(frozen=True)
class Percentile:
    """Sorted bootstrap replicates of a number; levels are widened for small samples (Hesterberg, 2015)."""

    value: float
    replicates: Floats
    units: int

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the expanded percentile interval."""
        wide = float(student.ppf((1 - level) / 2, self.units - 1)) * math.sqrt(self.units / (self.units - 1))
        tail = NormalDist().cdf(wide)
        low, high = np.quantile(self.replicates, [tail, 1 - tail])
        return float(low), float(high)

    def p_at_least(self, limit: float) -> float:
        """Return the share of replicates at the limit or above."""
        return self._share(int((self.replicates >= limit).sum()), limit - self.value)

    def p_at_most(self, limit: float) -> float:
        """Return the share of replicates at the limit or below."""
        return self._share(int((self.replicates <= limit).sum()), self.value - limit)

    def _share(self, reached: int, distance: float) -> float:
        """Where no replicate gets there, Student's tail tells how far away the limit is."""
        if reached:
            return reached / len(self.replicates)
        error = float(self.replicates.std())
        tail = float(student.sf(distance / error, self.units - 1)) if error > 0 else 0.0
        return min(tail, 1 / len(self.replicates))


@dataclass(frozen=True)
class Student:
    """A number with its standard error on the link's scale, and as many units as it was estimated from."""

    value: float
    error: float
    units: int
    link: Link = IDENTITY

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return Student's t interval, brought back from the link's scale."""
        if self.error == 0:
            return self.value, self.value
        reach = float(student.ppf((1 + level) / 2, self.units - 1)) * self.error
        middle = self.link.forward(self.value)
        return self.link.back(middle - reach), self.link.back(middle + reach)

    def p_at_least(self, limit: float) -> float:
        """Return Student's one-sided p-value."""
        return self._p(self.value >= limit, limit, 1)

    def p_at_most(self, limit: float) -> float:
        """Return Student's one-sided p-value."""
        return self._p(self.value <= limit, limit, -1)

    def _p(self, holds: bool, limit: float, sign: int) -> float:
        if self.error == 0:
            return 1.0 if holds else 0.0
        distance = (self.link.forward(self.value) - self.link.forward(limit)) / self.error
        return float(student.cdf(sign * distance, self.units - 1))


@dataclass(frozen=True)
class Edge:
    """A share of exactly 0 or 1: no resample differs, and the exact binomial bound says what may be missed.

    With nothing (or everything) seen in n units the two-sided 95% bound is 1 - 0.025^(1/n) away from the edge (Hanley
    and Lippman-Hand, 1983, "If nothing goes wrong, is everything all right?").
    """

    value: float
    units: int

    def interval(self, level: float = LEVEL) -> tuple[float, float]:
        """Return the exact binomial interval."""
        far = ((1 - level) / 2) ** (1 / self.units)
        return (far, 1.0) if self.value == 1.0 else (0.0, 1 - far)

    def p_at_least(self, limit: float) -> float:
        """Return the chance of seeing this edge when the true share is the limit."""
        return self._chance(1 - limit) if self.value < limit else 1.0

    def p_at_most(self, limit: float) -> float:
        """Return the chance of seeing this edge when the true share is the limit."""
        return self._chance(limit) if self.value > limit else 1.0

    def _chance(self, share: float) -> float:
        return float(min(max(share, 0.0), 1.0) ** self.units)
