"""`modelops serve`."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import click

from modelops.cli.context import chosen, workspace


@click.command("serve")
@click.argument("name", metavar="NAME")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option(
    "--port", default=3000, show_default=True, type=click.IntRange(0, 65535), help="Port; 0 takes a free one."
)
def command(name: str, host: str, port: int) -> None:
    """Serve a model on this machine, with the same server as in the image, until Ctrl-C."""
    from modelops.flow.one import packaged
    from modelops.package.bento import folder
    from modelops.package.server import available, serve

    space = workspace()
    chosen(space, [name])
    port = available(host, port)  # said now, not after a training
    record = packaged(space, name).record
    bento = folder(space.cache, record.tag)
    serve(bento, host, port, lambda url: click.echo(invitation(record.tag, url, bento)))


def invitation(tag: str, url: str, bento: Path) -> str:
    """Return where a Bento answers and two commands to try."""
    from modelops.serving.describe import example
    from modelops.serving.signature import Signature

    body = json.dumps({"rows": [example(Signature.read(bento / "src" / "model"))]}, ensure_ascii=False)
    return (
        f"{tag} answers at {url} (Ctrl-C stops it)\n"
        f"  curl {url}/model\n"
        f"  curl {url}/predict -H 'content-type: application/json' -d {shlex.quote(body)}"
    )
