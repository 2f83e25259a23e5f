"""What a spec says about its surroundings: its file, the environments, the owners, the day."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path, PurePosixPath

from modelops.core.settings import Settings
from modelops.spec.model import Spec
from modelops.spec.rules import gates, moments
from modelops.spec.rules.finding import Finding, Keys
from modelops.spec.wording import listed, suggestion

_CODEOWNERS = (".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS")
_LABEL = 63


@dataclass(frozen=True)
class Surroundings:
    """What specs are checked against beside themselves.

    `owners` maps lower-case owners of the CODEOWNERS file at `owners_path` to themselves; None when there is no such
    file. `settings` is None when `modelops.yaml` is missing or wrong.
    """

    now: datetime
    settings: Settings | None = None
    owners: Mapping[str, str] | None = None
    owners_path: str = ""


def read_owners(root: Path) -> tuple[dict[str, str] | None, str]:
    """Return the users and teams that a repository's CODEOWNERS file names, and where the file is."""
    for path in _CODEOWNERS:
        if (root / path).is_file():
            lines = (root / path).read_text(encoding="utf-8", errors="replace").splitlines()
            words = [word for line in lines for word in line.partition("#")[0].split()[1:]]
            return {word.lower(): word for word in words}, path
    return None, ""


def check(spec: Spec, path: str, around: Surroundings) -> Iterator[Finding]:
    """Yield what does not fit the spec's surroundings."""
    yield from _file(spec, path)
    yield from moments.future(spec, around.now)
    yield from gates.expired(spec, around.now.date())
    if around.owners is not None and spec.owner.lower() not in around.owners:
        owners = list(around.owners.values())
        hint = suggestion(
            spec.owner, owners, otherwise=f"add a line such as `/specs/{spec.name}.yaml {spec.owner}` to it"
        )
        yield Finding(("owner",), "MO145", f"{spec.owner} is not in {around.owners_path}", hint)
    if around.settings is not None:
        yield from _environments(spec, around.settings)


def _file(spec: Spec, path: str) -> Iterator[Finding]:
    stem = PurePosixPath(path).name.rpartition(".")[0]
    if stem != spec.name:
        yield Finding(
            ("name",),
            "MO130",
            f'the name is "{spec.name}", and the file is {PurePosixPath(path).name}',
            f"rename the file to {spec.name}.yaml, or write `name: {stem}`",
        )


def _environments(spec: Spec, settings: Settings) -> Iterator[Finding]:
    known = list(settings.environments)
    keys: Keys = ("serve", "environments")
    by_key = isinstance(spec.serve.environments, dict)
    for index, name in enumerate(spec.serve.environments):
        if name not in known:
            hint = suggestion(name, known, otherwise=f"there are {listed(known)}")
            where = (*keys, name) if by_key else (*keys, index)
            yield Finding(where, "MO144", f'modelops.yaml has no environment "{name}"', hint, on_key=by_key)
    for name in spec.serve.environments or known:
        for derived in (f"{spec.name}.{name}", f"{name}-{spec.name}"):
            if len(derived) > _LABEL:
                yield Finding(
                    ("name",),
                    "MO130",
                    f'"{derived}" is derived from the name and too long for Kubernetes ({len(derived)} of {_LABEL}'
                    " characters)",
                    "shorten the name",
                )
                return
    tag = f"{settings.image(spec.name)}"
    if len(tag) > 255 or re.search(r"[^a-z0-9./:_-]", tag):
        yield Finding(
            ("name",), "MO130", f'"{tag}" is no valid image name', "change the name, or `registry` in modelops.yaml"
        )
