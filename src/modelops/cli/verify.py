"""`modelops verify`."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

from modelops.cli.context import chosen, workspace
from modelops.core.errors import ModelopsError

if TYPE_CHECKING:
    from modelops.flow.verify import Verification


@click.command("verify")
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--elsewhere", is_flag=True, help="Accept another platform or other library versions, within 1%.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def command(names: tuple[str, ...], elsewhere: bool, as_json: bool) -> None:
    """Train again from the lock and compare every value; fail when one differs.

    On the lock's platform and library versions all values must be the same. Elsewhere say so: figures may then differ
    by 0.01 or by 1%, whichever is more, and digests of files are not compared.
    """
    from modelops.flow.verify import verify

    space = workspace()
    results = [verify(space, name, elsewhere=elsewhere) for name in chosen(space, names)]
    if as_json:
        click.echo(json.dumps([_plain(result) for result in results], indent=2))
    else:
        for result in results:
            _show(result)
    wrong = [result for result in results if not result.holds]
    if wrong:
        raise ModelopsError(
            "the lock is not what its spec, data and code resolve to: "
            + ", ".join(f"{result.model} ({len(result.differences)} values differ)" for result in wrong),
            hint=_hint(wrong),
        )


def _hint(wrong: list[Verification]) -> str:
    fields = [difference.field for result in wrong for difference in result.differences]
    if any(field.startswith(("environment", "platform")) for field in fields):
        return "it was made with other library versions or on another platform: --elsewhere compares within a tolerance"
    return f"modelops run {wrong[0].model} makes it again"


def _show(result: Verification) -> None:
    if result.holds:
        how = "the same" if result.exact else "the same within the tolerance for other platforms and versions"
        click.echo(f"{result.model}: version {result.version} verified, {result.compared} values are {how}")
    for difference in result.differences:
        click.echo(f"{result.model}: {difference}")


def _plain(result: Verification) -> dict[str, Any]:
    return {
        "model": result.model,
        "version": result.version,
        "verified": result.holds,
        "exact": result.exact,
        "compared": result.compared,
        "differences": [
            {"field": found.field, "locked": found.locked, "now": found.again} for found in result.differences
        ],
    }
