"""Which columns the model reads, as what, and the frame that training fits on."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from modelops.core.errors import ModelopsError
from modelops.serving.encode import encode
from modelops.serving.signature import Input, InputType
from modelops.spec.data import Column
from modelops.spec.model import Spec


def inputs(spec: Spec, frame: pd.DataFrame) -> tuple[Input, ...]:
    """Return the model's inputs, typed by the contract, else by the training rows.

    Parameters
    ----------
    spec : Spec
        The model's spec.
    frame : pandas.DataFrame
        The training rows; decides the type of columns outside the contract, and whether they may be missing.
    """
    return tuple(_input(spec, name, frame[name]) for name in spec.features.columns)


def _input(spec: Spec, name: str, values: pd.Series) -> Input:
    contract = spec.data.columns.get(name)
    kind = contract.type if contract else _type(spec, name, values)
    return Input(
        name=name,
        type=kind,
        nullable=contract.missing > 0 if contract else bool(values.isna().any()),
        values=contract.values if contract else None,
        min=contract.min if contract else None,
        max=contract.max if contract else None,
        encodings=_encodings(spec, name, kind),
        bucket=_bucket(contract),
    )


def _bucket(contract: Column | None) -> float | None:
    rule = contract.anonymise if contract else None
    return None if rule is None or isinstance(rule, str) else float(rule)


def _type(spec: Spec, name: str, values: pd.Series) -> InputType:
    if values.dtype.kind == "M":
        return "time"
    for letter, kind in (("b", "boolean"), ("iu", "integer"), ("f", "number")):
        if values.dtype.kind in letter:
            return kind  # type: ignore[return-value]
    text = spec.features.text
    return "text" if text and name in text.columns else "category"


def _encodings(spec: Spec, name: str, kind: InputType) -> tuple[tuple[str, str], ...]:
    """Return the encodings that the feature groups ask of a column; the first keeps the column's own name."""
    plain = list(dict.fromkeys(_plain_kinds(spec, name, kind)))
    encodings = [(name if place == 0 else f"{name}:{wanted}", wanted) for place, wanted in enumerate(plain)]
    if spec.features.dates and name in spec.features.dates.columns:
        encodings += [
            (f"{name}:{part}_{wave}", f"{part}_{wave}") for part in spec.features.dates.parts for wave in ("sin", "cos")
        ]
    return tuple(encodings)


def _plain_kinds(spec: Spec, name: str, kind: InputType) -> list[str]:
    features = spec.features
    wanted = []
    if any(name in group.columns for group in features.custom):
        wanted.append({"category": "text", "text": "text", "time": "time"}.get(kind, "number"))
    if (features.numeric and name in features.numeric.columns) or any(name in pair for pair in features.interactions):
        wanted.append("number")
    if features.categorical and name in features.categorical.columns:
        wanted.append("text")
    if features.text and name in features.text.columns:
        wanted.append("words")
    return wanted


def encoded_name(columns: Sequence[Input], name: str, kind: str) -> str:
    """Return what a column is called in the encoded frame when it is read as this kind."""
    for column in columns:
        if column.name == name:
            return next(encoded for encoded, wanted in column.encodings if wanted == kind)
    raise KeyError(name)


def encoded(columns: Sequence[Input], frame: pd.DataFrame) -> pd.DataFrame:
    """Return the rows as the model reads them: one column for each encoding.

    Raises
    ------
    ModelopsError
        When a column holds values that are not of its kind, or infinite numbers.
    """
    arrays: dict[str, np.ndarray] = {}
    for column in columns:
        values = frame[column.name].to_numpy()
        for name, kind in column.encodings:
            try:
                arrays[name] = encode(kind, values)
            except (ValueError, TypeError, AttributeError) as error:
                raise ModelopsError(
                    f'features: column "{column.name}" cannot be read as {kind}: {error}',
                    hint="put it into the group of features that fits what it holds",
                ) from error
            if kind == "number" and np.isinf(arrays[name]).any():
                raise ModelopsError(
                    f'features: column "{column.name}" holds infinite numbers, or larger ones than float32 can',
                    hint="make them missing (NULL) or finite in data.query",
                )
    return pd.DataFrame(arrays, index=frame.index)
