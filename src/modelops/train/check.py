"""What makes training pointless, found before it starts: columns without information."""

from __future__ import annotations

from modelops.core.errors import ModelopsError
from modelops.train.fit import Training


def check(training: Training) -> tuple[str, ...]:
    """Return what is strange about the training rows, one sentence each.

    Raises
    ------
    ModelopsError
        When a column has no value at all in the training rows.
    """
    notes = []
    for column in training.columns:
        for name, kind in column.encodings:
            if kind.endswith(("_sin", "_cos")):
                continue
            values = training.rows[name]
            if values.isna().all() or (kind in {"text", "words"} and (values == "").all()):
                raise ModelopsError(
                    f'features: column "{column.name}" has no value in any of {len(values):,} training rows',
                    hint="leave it out of features, or check data.query",
                )
            if values.nunique(dropna=False) == 1:
                notes.append(f'column "{column.name}" has the same value in all training rows')
    return tuple(dict.fromkeys(notes))
