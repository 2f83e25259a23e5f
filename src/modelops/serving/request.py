"""From the body of a request to columns: strict, with one message that names the row and the column.

What passes here can be fed to the model without a second look: every column of the signature is there, every value
has its type, is finite in float32, and lies within the contract's limits.
"""

from __future__ import annotations

import difflib
import json
from typing import Any

from modelops.serving.checks import Check, checker, show
from modelops.serving.signature import Signature

MAX_ROWS = 1_000
MAX_BYTES = 4 * 2**20


class BadRequest(Exception):
    """A request that the caller must mend.

    `status` is the HTTP status; `row` counts from 0; `column` is a column of the signature or of the request.
    """

    def __init__(self, status: int, message: str, row: int | None = None, column: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.row = row
        self.column = column

    def body(self) -> dict[str, Any]:
        """Return the answer as plain JSON."""
        place = {"row": self.row, "column": self.column}
        return {"error": str(self), **{key: value for key, value in place.items() if value is not None}}


class Reader:
    """Reads the bodies of requests to one model."""

    def __init__(self, signature: Signature) -> None:
        self._checks: dict[str, Check] = {column.name: checker(column) for column in signature.inputs}

    def read(self, body: bytes | bytearray) -> dict[str, list[Any]]:
        """Return the values of every column of the signature, each of length rows.

        Raises
        ------
        BadRequest
            400 when the body is not JSON, 413 when it has too many rows, 422 when its content is not what the
            signature says.
        """
        rows = _rows(_parse(body))
        for index, row in enumerate(rows):
            if type(row) is not dict or row.keys() != self._checks.keys():
                raise self._wrong_columns(index, row)
        return {name: self._column(name, check, rows) for name, check in self._checks.items()}

    def _column(self, name: str, check: Check, rows: list[dict[str, Any]]) -> list[Any]:
        values = [row[name] for row in rows]
        for index, value in enumerate(values):
            problem = check(value)
            if problem is not None:
                raise BadRequest(422, f"rows[{index}].{name}: {problem}", index, name)
        return values

    def _wrong_columns(self, index: int, row: Any) -> BadRequest:
        if type(row) is not dict:
            message = f"rows[{index}]: expected an object of column names and values, got {show(row)}"
            return BadRequest(422, message, index)
        for name in row:
            if name not in self._checks:
                near = difflib.get_close_matches(name[:100], self._checks, 1)
                hint = f'; did you mean "{near[0]}"?' if near else f"; the columns are {', '.join(self._checks)}"
                return BadRequest(422, f"rows[{index}]: unknown column {show(name)}{hint}", index, name[:100])
        missing = next(name for name in self._checks if name not in row)
        return BadRequest(422, f'rows[{index}]: the column "{missing}" is missing', index, missing)


def _parse(body: bytes | bytearray) -> Any:
    try:
        return json.loads(body, object_pairs_hook=_object, parse_constant=_no_constant)
    except RecursionError:
        raise BadRequest(400, "the body is nested too deeply") from None
    except UnicodeDecodeError:
        raise BadRequest(400, "the body is not UTF-8") from None
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise BadRequest(400, f"the body is not JSON: {error.msg} at {place}") from None
    except ValueError:  # Python refuses integers of thousands of digits
        raise BadRequest(400, "the body holds an integer of thousands of digits") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    plain = dict(pairs)
    if len(plain) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise BadRequest(400, f"{show(twice)} stands twice in one object")
    return plain


def _no_constant(text: str) -> Any:
    raise BadRequest(400, f"the body is not JSON: {text} is no JSON number; send null where a value is unknown")


def _rows(plain: Any) -> list[Any]:
    if type(plain) is not dict or plain.keys() != {"rows"}:
        raise BadRequest(422, 'expected an object with the only key "rows": {"rows": [{"column": value, …}, …]}')
    rows = plain["rows"]
    if type(rows) is not list:
        raise BadRequest(422, f"rows: expected a list of objects, got {show(rows)}")
    if not rows:
        raise BadRequest(422, "rows: expected at least one row")
    if len(rows) > MAX_ROWS:
        raise BadRequest(413, f"rows: {len(rows)} rows in one request, at most {MAX_ROWS} are allowed")
    return rows
