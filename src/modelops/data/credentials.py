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
    """An address of a source. `written` is the text of the spec, safe to show.

    The environment is asked only when the address is used, so that nothing unchanged needs a credential.
    """

    source: str
    written: str

    @property
    def full(self) -> str:
        """The address with each `${NAME}` replaced by the environment variable, percent-encoded; never shown.

        Raises
        ------
        ModelopsError
            When a variable is not set.
        """
        unset = [name for name in self._names if not os.environ.get(name)]
        if unset:
            raise ModelopsError(
                f"data.sources.{self.source}: the environment has no {', '.join(unset)}",
                hint="set it for this command, in CI as a secret; never write its value into the spec",
            )
        return _REFERENCE.sub(lambda match: quote(os.environ[match[1]], safe=""), self.written)

    def redact(self, text: str) -> str:
        """Return a text with every value from the environment replaced by its `${NAME}`."""
        values = [(name, os.environ[name]) for name in self._names if os.environ.get(name)]
        for name, value in sorted(values, key=lambda pair: -len(pair[1])):
            for form in {value, quote(value, safe="")}:
                text = text.replace(form, "${" + name + "}")
        return text

    @property
    def _names(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(_REFERENCE.findall(self.written)))


def address(source: str, written: str) -> Address:
    """Return the address of a source.

    Parameters
    ----------
    source
        Name of the source, for messages.
    written
        The address as the spec has it.

    Raises
    ------
    ModelopsError
        When a password or token stands in the address itself.
    """
    refuse_written(source, written)
    return Address(source, written)


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
