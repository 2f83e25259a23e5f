"""Credentials come from the environment as `${NAME}`; they never stand in a spec and never show in a message."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote, urlsplit

from modelops.core.errors import ModelopsError

_REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
_SECRET_PARAMETERS = re.compile(
    r"(?i)^(.*[-_])?(password|passwd|pwd|secret|token|api[-_]?key|access[-_]?key|sig(nature)?|auth)$"
)


@dataclass(frozen=True)
class Address:
    """An address with the environment's values in it, and the way back.

    `written` is the text of the spec, safe to show. `full` holds the values, percent-encoded, and is never shown.
    """

    written: str
    full: str
    values: tuple[tuple[str, str], ...] = ()

    def redact(self, text: str) -> str:
        """Return a text with every value from the environment replaced by its `${NAME}`."""
        for name, value in sorted(self.values, key=lambda pair: -len(pair[1])):
            for form in {value, quote(value, safe="")}:
                text = text.replace(form, "${" + name + "}")
        return text


def expand(source: str, written: str) -> Address:
    """Return an address with each `${NAME}` replaced by the environment variable, percent-encoded.

    Parameters
    ----------
    source
        Name of the source, for messages.
    written
        The address as the spec has it.

    Raises
    ------
    ModelopsError
        When a password or token stands in the address itself, or a variable is not set.
    """
    refuse_written(source, written)
    names = tuple(dict.fromkeys(_REFERENCE.findall(written)))
    unset = [name for name in names if not os.environ.get(name)]
    if unset:
        raise ModelopsError(
            f"data.sources.{source}: the environment has no {', '.join(unset)}",
            hint="set it for this command, in CI as a secret; never write its value into the spec",
        )
    full = _REFERENCE.sub(lambda match: quote(os.environ[match[1]], safe=""), written)
    return Address(written, full, tuple((name, os.environ[name]) for name in names))


def refuse_written(source: str, written: str) -> None:
    """Raise a `ModelopsError` when an address holds a credential as plain text."""
    parts = urlsplit(written)
    userinfo = parts.netloc.rpartition("@")[0]
    _, separator, password = userinfo.partition(":")
    shown = [("password", password)] if separator else []
    shown += [(key, value) for key, value in parse_qsl(parts.query) if _SECRET_PARAMETERS.match(key)]
    for what, value in shown:
        if value and not _REFERENCE.fullmatch(unquote(value)):
            raise ModelopsError(
                f"data.sources.{source}: the address holds a {what} as plain text",
                hint="write ${NAME} instead and set NAME in the environment; change the credential, it is in git now",
            )
