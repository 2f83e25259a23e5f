"""`modelops init`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from modelops.core import console
from modelops.core.errors import ModelopsError
from modelops.core.git import Git
from modelops.core.workspace import find_root

_ORIGIN = re.compile(r"github\.com[/:](?P<owner>[^/]+)/(?P<repository>[^/]+?)(\.git)?/?$")


@click.command("init")
@click.option("--owner", help="GitHub user or organisation; the one in the address of origin by default.")
@click.option("--repository", help="Repository name; the one in the address of origin by default.")
@click.option("--registry", help="Where images are pushed; ghcr.io/OWNER/models by default.")
def command(owner: str | None, repository: str | None, registry: str | None) -> None:
    """Personalise a fork: owner, repository, registry."""
    from modelops.flow.personalise import personalise_repository
    from modelops.scaffold import Identity

    root = find_root(Path.cwd())
    origin = _origin(root)
    owner, repository = owner or origin.get("owner"), repository or origin.get("repository")
    if not owner or not repository:
        raise ModelopsError(
            "origin is not on GitHub, so owner and repository are not known",
            hint="modelops init --owner my-org --repository my-models",
        )
    identity = Identity(owner, repository, registry or f"ghcr.io/{owner.lower()}/models")
    done = personalise_repository(root, identity)
    for path in done.written:
        click.echo(f"written: {path}")
    for place in done.missing:
        console.note(f"nothing to replace: {place}")
    click.echo(f"this repository is {identity.owner}/{identity.repository}, its images go to {identity.registry}")


def _origin(root: Path) -> dict[str, str]:
    git = Git(root)
    address = git.run("remote", "get-url", "origin", check=False).stdout.strip() if git.is_repository() else ""
    match = _ORIGIN.search(address)
    return match.groupdict() if match else {}
