"""Markdown and text pieces."""

from __future__ import annotations

import pytest

from modelops.records.evaluate import MetricDelta, SliceDelta
from modelops.report.differences import conclusion, heaviest_losses, slice_conclusion
from modelops.report.markdown import code, escape, interval, number, section, share, signed, table
from modelops.report.text import columns


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("roc_auc", "roc_auc"),
        ("_odd_", "\\_odd\\_"),
        ("a|b", "a\\|b"),
        ("<script>", "\\<script\\>"),
        ("[x](y)", "\\[x\\](y)"),
        ("two\nlines", "two lines"),
        ("@acme/risk", "@\u2060acme/risk"),
    ],
)
def test_escape(text: str, escaped: str) -> None:
    assert escape(text) == escaped


def test_code_survives_ticks_and_pipes() -> None:
    assert code("a`b") == "`` a`b ``"
    assert code("a|b") == "`a\\|b`"


def test_table_drops_columns_that_say_nothing() -> None:
    assert table(["a", "b", "c"], [["1", "", "3"], ["4", "", ""]]) == "| a | c |\n| --- | --- |\n| 1 | 3 |\n| 4 |  |\n"
    assert table(["a"], []) == ""


def test_numbers() -> None:
    assert [number(value) for value in (None, 0.71336, 12.0, 123456.7, 1.19e-7)] == [
        "–", "0.7134", "12", "123,457", "1.19e-07",
    ]  # fmt: skip
    assert [signed(value) for value in (None, 0.0584, -0.01, 0.0)] == ["–", "+0.0584", "-0.01", "0"]
    assert interval(0.1, 0.2) == "0.1 to 0.2"
    assert interval(-0.1, 0.2, sign=True) == "-0.1 to +0.2"
    assert interval(None, 0.2) == ""
    assert share(0.175) == "17.5%"


def test_sections_without_a_body_are_left_out() -> None:
    assert section("Title", "") == ""
    assert section("Title", "text\n") == "## Title\n\ntext\n\n"


def test_columns_are_aligned() -> None:
    assert columns([["a", "bb"], ["ccc", ""]]) == "a    bb\nccc\n"


@pytest.mark.parametrize(
    ("metric", "low", "high", "word"),
    [
        ("roc_auc", 0.01, 0.02, "better"),
        ("roc_auc", -0.02, -0.01, "worse"),
        ("log_loss", -0.02, -0.01, "better"),
        ("log_loss", 0.01, 0.02, "worse"),
        ("roc_auc", -0.01, 0.02, "no clear difference"),
        ("roc_auc", 0.0, 0.0, "the same"),
        ("roc_auc", None, None, "cannot tell"),
        ("bias", 0.1, 0.2, ""),
    ],
)
def test_what_an_interval_of_a_difference_says(metric: str, low: float | None, high: float | None, word: str) -> None:
    assert conclusion(metric, low, high) == word


def loss(value: str, rows: int, delta: float) -> SliceDelta:
    moved = MetricDelta(champion=0.7, candidate=0.7 + delta, delta=delta, low=delta - 0.1, high=delta + 0.1)
    return SliceDelta(column="origin", value=value, rows=rows, metric="roc_auc", delta=moved, p=0.5)


def test_the_heaviest_losses_are_over_all_rows_and_per_row() -> None:
    many, few, better = loss("LGA", 4000, -0.05), loss("EWR", 100, -0.2), loss("JFK", 4000, 0.1)
    assert heaviest_losses([better, few, many]) == [many, few]
    assert heaviest_losses([better, many]) == [many]
    assert heaviest_losses([better]) == []


def test_a_slice_that_only_the_correction_acquits_is_perhaps_worse() -> None:
    clear = MetricDelta(champion=0.7, candidate=0.6, delta=-0.1, low=-0.15, high=-0.05)
    part = SliceDelta(column="origin", value="LGA", rows=100, metric="roc_auc", delta=clear, p=0.2)
    assert slice_conclusion(part) == "perhaps worse"
    assert slice_conclusion(part.model_copy(update={"p": 0.01})) == "worse"
    assert slice_conclusion(loss("LGA", 100, -0.05)) == "cannot tell"
