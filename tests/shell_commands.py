"""Commands as documents and workflows write them, checked against the real command line."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator

import click

from modelops.cli.main import VERBS, cli

_COMMAND = re.compile(r"(?<![\w/.@-])(?:\.venv/bin/)?modelops(?= |$)(?P<rest>[^)`]*)")
# Where one command of a shell line ends.
_END = {"|", "||", "&&", ";", "&", ">", ">>", "<", "2>", "2>&1", "#", ")", "}"}
# Words in capitals, <words> and … stand for something: any text will do.
_VALUES = {click.types.IntParamType: "1", click.types.FloatParamType: "1.0"}


def commands_in(script: str) -> Iterator[list[str]]:
    """Yield the arguments of every `modelops` command in a shell script."""
    joined = script.replace("\\\n", " ")
    for line in joined.splitlines():
        # What is given only if a variable is set is given.
        line = re.sub(r"\$\{\w+:\+([^}]*)\}", r"\1", line)
        for match in _COMMAND.finditer(line):
            # A command that a message quotes ends with the quotation.
            quote = line[match.start() - 1 : match.start()]
            rest = match["rest"].split(quote)[0] if quote in ("'", '"', "`") else match["rest"]
            yield _first_command(rest)


def _first_command(text: str) -> list[str]:
    lexer = shlex.shlex(text, posix=True, punctuation_chars=";|&><")
    lexer.whitespace_split = True
    words = []
    for word in lexer:
        if word in _END or set(word) <= set(";|&><"):
            break
        words.append(word)
    return words


def check_command(place: str, words: list[str]) -> None:
    """Parse a command with click, without running it; fails with the place when the command line has no such thing."""
    if not words or words[0].startswith("-"):
        assert set(words) <= {"-h", "--help", "--version"}, f"{place}: modelops {' '.join(words)}"
        return
    verb, *arguments = words
    assert verb in VERBS, f"{place}: no verb {verb}"
    command = cli.get_command(click.Context(cli), verb)
    assert command is not None
    arguments = [_literal(command, before, word) for before, word in zip([verb, *arguments], arguments, strict=False)]
    try:
        command.make_context(verb, arguments, resilient_parsing=False)
    except click.exceptions.Exit:
        return
    except click.ClickException as error:
        raise AssertionError(f"{place}: modelops {' '.join(words)}: {error.format_message()}") from None


def _literal(command: click.Command, before: str, word: str) -> str:
    """Return a value that fits where a word only stands for one, like FILE, <day> or "$AS_OF"."""
    if not re.fullmatch(r"\$\{?\w+\}?|<[^>]+>|[A-Z][A-Z_]*", word):
        return word
    for option in command.params:
        if before in option.opts:
            if isinstance(option.type, click.DateTime):
                return "2013-07-31"
            if isinstance(option.type, click.Choice):
                return str(option.type.choices[0])
            return _VALUES.get(type(option.type), "word")
    return "word"
