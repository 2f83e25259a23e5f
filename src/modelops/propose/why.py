"""Why a retrain is proposed now: triggers, and the columns behind them in order of importance."""

from __future__ import annotations

from modelops.propose.case import Case
from modelops.propose.words import listed, quantity, value
from modelops.records.drift import ColumnDrift, DriftRecord, Trigger
from modelops.report.markdown import code, escape, section, share, table

SHOWN = 15
NOT_WORSE = "Drift alone does not mean that predictions got worse; the comparison below says whether a retrain helps.\n"


def now(case: Case) -> str:
    """Return the section."""
    record = case.drift
    triggers = "".join(f"- {trigger_line(record, trigger)}\n" for trigger in record.triggers)
    unmeasured = f"Not compared: {escape(record.note)}.\n" if record.note else looked_at(record)
    parts = [triggers, unmeasured, columns(case), broken_rules(record), NOT_WORSE if record.columns else ""]
    return section("Why now", "\n".join(part for part in parts if part))


def trigger_line(record: DriftRecord, trigger: Trigger) -> str:
    """Return a trigger with how sure it is: whether its whole interval is past the limit."""
    low, high = bounds(record, trigger)
    text = f"**{trigger.kind}**: {escape(trigger.reason)}"
    if low is None or high is None:
        return text + "."
    show = share if trigger.kind == "data drift" else "{:.2f}".format
    sure = "all of it past the limit" if low >= trigger.limit else "which reaches below the limit: not certain"
    return f"{text}. Over resampled days it lies between {show(low)} and {show(high)}, {sure}."


def bounds(record: DriftRecord, trigger: Trigger) -> tuple[float | None, float | None]:
    """Return the interval of what a trigger watches."""
    if trigger.kind == "data drift":
        return record.score_low, record.score_high
    if trigger.kind == "prediction drift" and record.prediction:
        return record.prediction.low, record.prediction.high
    return None, None


def broken_rules(record: DriftRecord) -> str:
    """Return the rules of the contract that the new rows break."""
    if not record.findings:
        return ""
    return "The new rows break the contract:\n\n" + "".join(f"- {escape(each)}\n" for each in record.findings[:SHOWN])


def looked_at(record: DriftRecord) -> str:
    """Return which rows were compared."""
    span = f" from {record.first[:10]} to {record.last[:10]}" if record.first and record.last else ""
    version = f"version {record.version}" if record.version else "the running version"
    return (
        f"Compared: {record.rows:,} rows{span} with the {record.reference_rows:,} rows that {version} "
        f"was trained on (snapshot {escape(record.snapshot)}).\n"
    )


def columns(case: Case) -> str:
    """Return the table of drifted columns, and the names of the others."""
    record = case.drift
    if record.prediction is None:
        return ""
    drifted = [one for one in record.columns if one.drifted]
    rows = [_row(case, one) for one in drifted[:SHOWN]]
    rows.append(_row(case, record.prediction, label="the prediction"))
    if record.target:
        rows.append(_row(case, record.target, label="the target"))
    text = table(["column", "importance", "then → now", "PSI", "95% interval", "KS"], rows)
    if len(drifted) > SHOWN:
        text += f"\n{len(drifted) - SHOWN} more drifted.\n"
    still = [code(one.column) for one in record.columns if not one.drifted]
    return text + (f"\nDid not drift: {listed(still, 12)}.\n" if still else "")


def _row(case: Case, one: ColumnDrift, label: str = "") -> list[str]:
    return [
        label or code(one.column),
        "" if label else share(one.weight),
        change(case, one),
        f"{one.psi:.2f}" + ("" if one.drifted or not label else " (no drift)"),
        "" if one.low is None or one.high is None else f"{one.low:.2f} to {one.high:.2f}",
        "" if one.ks is None else f"{one.ks:.2f}",
    ]


def change(case: Case, one: ColumnDrift) -> str:
    """Return in words what changed; nothing about the values of a sensitive column."""
    missing = _missing(one)
    if case.hides(one.column):
        return "; ".join(part for part in ("values are sensitive", missing) if part)
    parts = []
    if one.quantiles_before and one.quantiles_after:
        words = " words" if one.kind == "text" else ""
        parts.append(
            f"median {quantity(one.quantiles_before[1])} → {quantity(one.quantiles_after[1])}{words} "
            f"(90% of rows: {_span(one.quantiles_before)} → {_span(one.quantiles_after)})"
        )
    parts += [f"{value(moved.value)} {share(moved.before)} → {share(moved.after)}" for moved in one.moved[:2]]
    if one.unseen >= 0.005:
        parts.append(f"{share(one.unseen)} new or rare values")
    return "; ".join(part for part in (*parts, missing) if part)


def _span(quantiles: tuple[float, float, float]) -> str:
    return f"{quantity(quantiles[0])} to {quantity(quantiles[2])}"


def _missing(one: ColumnDrift) -> str:
    if abs(one.missing_after - one.missing_before) < 0.005:
        return ""
    return f"missing {share(one.missing_before)} → {share(one.missing_after)}"
