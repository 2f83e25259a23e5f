"""`modelops schema`."""

from __future__ import annotations

from pathlib import Path

import click

from modelops.core.errors import ModelopsError


@click.command("schema")
@click.option("--check", is_flag=True, help="Write nothing; fail when a file is stale.")
def command(check: bool) -> None:
    """Write the JSON Schemas for editors, and docs/spec.md and docs/errors.md from the same source."""
    from modelops.core.files import write_atomic
    from modelops.core.workspace import find_root
    from modelops.spec.reference import generated

    root = find_root(Path.cwd())
    files = generated()
    stale = [path for path, text in files.items() if _differs(root / path, text)]
    if check and stale:
        raise ModelopsError(f"stale: {', '.join(stale)}", hint="run `modelops schema` and commit what it writes")
    for path in stale:
        write_atomic(root / path, files[path])
        click.echo(f"{path}: written")
    if not stale:
        click.echo(f"{len(files)} files are up to date", err=True)


def _differs(path: Path, text: str) -> bool:
    return not path.is_file() or path.read_text(encoding="utf-8") != text
