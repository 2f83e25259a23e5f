"""`modelops explain`."""

from __future__ import annotations

import click

from modelops.core.errors import ModelopsError


@click.command("explain")
@click.argument("code", required=False)
def command(code: str | None) -> None:
    """Explain a code such as MO120: what it means, an example, the cure. Without a code, list them all."""
    from modelops.core.codes import CODES

    if code is None:
        for name, entry in CODES.items():
            click.echo(f"{name}  {entry.title}")
        return
    known = CODES.get(code.upper())
    if known is None:
        raise ModelopsError(f'there is no code "{code}"', hint="modelops explain lists all codes")
    click.echo(f"{code.upper()}  {known.title}\n\n{known.why}\n")
    click.echo("wrong:\n" + _indented(known.wrong) + "\nright:\n" + _indented(known.right))


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
