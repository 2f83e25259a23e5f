"""The signature of a model: what goes in, what comes out. Written by training as `signature.json`.

How a column reaches the model is written down as its encodings, a list of `(name, kind)`:
each becomes one input `name` of the ONNX graph (or one column of the frame that a skops pipeline receives).

| kind | values | missing |
|---|---|---|
| `number` | float32 | NaN |
| `text` | string | empty string |
| `words` | string: lower case, words of two letters or more, joined by blanks | empty string |
| `<part>_sin`, `<part>_cos` | float32 sine or cosine of 2π · part / period, in UTC (see `encode.PERIODS`) | 0 |
| `time` | datetime64[ns] in UTC, for own transformers only, never in a graph | NaT |
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

SIGNATURE = "signature.json"

InputType = Literal["number", "integer", "boolean", "category", "text", "time"]


@dataclass(frozen=True)
class Input:
    """One column that a caller sends.

    `values`, `min` and `max` are the contract's, None where it has none. With a `bucket`, numbers are rounded down to
    its multiples before the model sees them, as they were in the training rows (`anonymise` in the contract).
    """

    name: str
    type: InputType
    nullable: bool = True
    values: tuple[str | int | bool, ...] | None = None
    min: float | None = None
    max: float | None = None
    encodings: tuple[tuple[str, str], ...] = ()
    bucket: float | None = None

    def __post_init__(self) -> None:
        if not self.encodings:
            kind = {"category": "text", "text": "text", "time": "time"}.get(self.type, "number")
            object.__setattr__(self, "encodings", ((self.name, kind),))


@dataclass(frozen=True)
class Signature:
    """Everything the predictor and the server need to know about a model.

    `classes` are the labels in the order of the probability columns, empty for regression.
    `threshold` belongs to binary models: the last class is predicted from this probability on.
    `trusted` lists the types that the skops file may hold besides scikit-learn's safe ones.
    """

    name: str
    task: Literal["classification", "regression"]
    format: Literal["onnx", "skops"]
    inputs: tuple[Input, ...]
    classes: tuple[str | int | float | bool, ...] = ()
    threshold: float | None = None
    trusted: tuple[str, ...] = ()

    @classmethod
    def read(cls, folder: Path) -> Signature:
        """Read a model folder's signature.

        Raises
        ------
        ValueError
            When the file is not there or is no signature.
        """
        path = folder / SIGNATURE
        try:
            return cls.parse(path.read_text(encoding="utf-8"))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{path}: not a model signature ({type(error).__name__}: {error})") from error

    @classmethod
    def parse(cls, text: str) -> Signature:
        """Return the signature that `dumps` wrote."""
        plain: dict[str, Any] = json.loads(text)
        inputs = tuple(_input(entry) for entry in plain.pop("inputs"))
        classes, trusted = tuple(plain.pop("classes")), tuple(plain.pop("trusted"))
        return cls(inputs=inputs, classes=classes, trusted=trusted, **plain)

    def dumps(self) -> str:
        """Return the signature as JSON, always the same text for the same signature."""
        return json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False, allow_nan=False) + "\n"

    def write(self, folder: Path) -> Path:
        """Write `signature.json` into a model folder and return its path."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / SIGNATURE
        path.write_text(self.dumps(), encoding="utf-8")
        return path


def _input(plain: dict[str, Any]) -> Input:
    values = plain.pop("values")
    encodings = tuple((name, kind) for name, kind in plain.pop("encodings"))
    return Input(values=None if values is None else tuple(values), encodings=encodings, **plain)
