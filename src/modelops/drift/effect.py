"""Effect sizes between two sets of counts. No p-values: with enough rows every difference is significant."""

from __future__ import annotations

import numpy as np

# Shares below this count as this much, so that an empty bin gives a large, not an infinite, index.
FLOOR = 1e-4
RESAMPLES = 200


def psi(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Return the population stability index less its expectation under no change, never below zero.

    Parameters
    ----------
    before : array of shape (bins,)
        Counts of the reference rows.
    after : array of shape (..., bins)
        Counts of the new rows.

    Returns
    -------
    array of shape (...)
        `sum((q - p) * ln(q / p)) - (bins - 1) * (1 / n + 1 / m)`.

    Notes
    -----
    The index is Siddiqi's (Credit Risk Scorecards, Wiley 2006), which is Jeffreys' symmetric divergence. Without any
    change it follows `(1 / n + 1 / m)` times a chi-square with `bins - 1` degrees of freedom (Yurdakul and Naranjo,
    Statistical properties of the population stability index, Journal of Risk Model Validation 14(4), 2020), so small
    samples and many categories would look like drift.
    """
    n, m = before.sum(), after.sum(axis=-1)
    p = np.maximum(before / max(n, 1), FLOOR)
    q = np.maximum(after / np.maximum(m, 1)[..., None], FLOOR)
    used = ((before > 0) | (after > 0)).sum(axis=-1)
    chance = np.maximum(used - 1, 0) * (1 / max(n, 1) + 1 / np.maximum(m, 1))
    index: np.ndarray = np.maximum(((q - p) * np.log(q / p)).sum(axis=-1) - chance, 0.0)
    return index


def ks(before: np.ndarray, after: np.ndarray) -> float:
    """Return the Kolmogorov–Smirnov distance seen at the bins' edges: a lower bound of the exact one, 0 to 1.

    Parameters
    ----------
    before, after : arrays of shape (bins,)
        Counts in the order of the bins, without missing values.

    Notes
    -----
    `max |F(x) - G(x)|` over the edges x (Smirnov, 1948). With ten quantile bins it is at most 0.1 too small.
    """
    if not before.sum() or not after.sum():
        return 0.0
    gap = np.abs(np.cumsum(before) / before.sum() - np.cumsum(after) / after.sum())
    return float(gap.max())


def by_block(codes: np.ndarray, bins: int, blocks: np.ndarray, number: int) -> np.ndarray:
    """Return the counts of each block of rows, shape (blocks, bins).

    Parameters
    ----------
    codes, blocks : integer arrays of shape (rows,)
        Bin and block of each row.
    """
    counted: np.ndarray = np.bincount(blocks * bins + codes, minlength=number * bins).reshape(number, bins)
    return counted


def draws(number: int) -> np.ndarray:
    """Return how often each block appears in each resample, shape (RESAMPLES, number); always the same."""
    chances = np.full(number, 1 / number)
    weights: np.ndarray = np.random.default_rng(0).multinomial(number, chances, size=RESAMPLES)
    return weights


def resampled_psi(before: np.ndarray, blocks: np.ndarray, weights: np.ndarray, estimate: float) -> np.ndarray:
    """Return the index in each resample of blocks, shape (RESAMPLES,), centred on the estimate.

    Parameters
    ----------
    blocks : array of shape (blocks, bins)
        Counts of each block.
    weights : array of shape (RESAMPLES, blocks)
        What `draws` gave.
    estimate : float
        The index of all rows. Resampling adds noise and with it index; the mean shift is taken off
        (Efron and Tibshirani, An Introduction to the Bootstrap, 1993, section 10.2).
    """
    values = psi(before, weights @ blocks)
    centred: np.ndarray = np.maximum(values - (values.mean() - estimate), 0.0)
    return centred


def interval(values: np.ndarray) -> tuple[float, float]:
    """Return the 2.5% and 97.5% percentiles."""
    low, high = np.quantile(values, [0.025, 0.975]).tolist()
    return low, high
