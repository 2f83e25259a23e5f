"""Put a fork's owner, repository and registry where the template has its own.

The cookiecutter hook runs this before anything is installed, with whatever Python cookiecutter has: this module needs
the standard library only. The identity to replace is read from `modelops.yaml`, so it works in a repository that was
personalised before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from modelops.core.files import write_atomic

SETTINGS = "modelops.yaml"


@dataclass(frozen=True)
class Identity:
    """What a fork decides once; the fields are named like the keys of `modelops.yaml`."""

    owner: str
    repository: str
    registry: str


@dataclass(frozen=True)
class Place:
    """One text that holds the identity, in every file that a pattern matches."""

    files: str
    text: str

    def __str__(self) -> str:
        return f"{self.files}: {self.text}"


# Rendered files are among them, so that a new repository is consistent before `modelops render` can run there.
PLACES = (
    Place("specs/*.yaml", 'owner: "@{owner}/'),
    Place(".github/CODEOWNERS", " @{owner}/"),
    Place("README.md", 'owner: "@{owner}/'),
    Place("README.md", "https://github.com/{owner}/{repository}"),
    Place("SECURITY.md", "https://github.com/{owner}/{repository}"),
    Place(".github/ISSUE_TEMPLATE/config.yml", "https://github.com/{owner}/{repository}"),
    Place("argocd/bootstrap/*.yaml", "https://github.com/{owner}/{repository}"),
    Place("argocd/bootstrap/*.yaml", " {repository}-control"),
    Place("argocd/bootstrap/root.yaml", " {repository}-root"),
    Place("argocd/control/*.yaml", "https://github.com/{owner}/{repository}"),
    Place("argocd/control/*.yaml", " {repository}-"),
)


@dataclass(frozen=True)
class Personalised:
    """The files that changed, relative to the root, and the places where nothing was found to replace."""

    written: tuple[str, ...]
    missing: tuple[str, ...]


def personalise(root: Path, new: Identity) -> Personalised:
    """Replace the identity in all places: in memory first, then file by file.

    Raises
    ------
    ValueError
        When `modelops.yaml` does not say who the repository belongs to.
    """
    old = current(root)
    texts = {SETTINGS: _settings(_read(root / SETTINGS), new)}
    missing = [str(place) for place in PLACES if not _replace(root, place, old, new, texts)]
    written = [name for name, text in sorted(texts.items()) if write_atomic(root / name, text)]
    return Personalised(tuple(written), tuple(missing))


def _replace(root: Path, place: Place, old: Identity, new: Identity, texts: dict[str, str]) -> bool:
    """Replace one place's text in all its files and return whether any file held it."""
    before, after = place.text.format(**vars(old)), place.text.format(**vars(new))
    # What a name ends with must not be the beginning of a longer one.
    pattern = re.escape(before) + (r"(?![A-Za-z0-9-])" if before[-1].isalnum() else "")
    found = False
    for path in sorted(root.glob(place.files)):
        name = path.relative_to(root).as_posix()
        texts[name], count = re.subn(pattern, lambda _: after, texts.get(name) or _read(path))
        found = found or count > 0
    return found


def current(root: Path) -> Identity:
    """Return the identity that `modelops.yaml` holds.

    Raises
    ------
    ValueError
        When a key is missing.
    """
    text = _read(root / SETTINGS)
    return Identity(**{key: _find(text, key)[1] for key in ("owner", "repository", "registry")})


def _read(path: Path) -> str:
    # Line ends stay as they are.
    return path.read_bytes().decode("utf-8")


def _find(text: str, key: str) -> tuple[re.Match[str], str]:
    match = re.search(rf"(?m)^{key}:[ \t]*(?P<value>\"[^\"\n]*\"|'[^'\n]*'|[^\s#\"']+)", text)
    if match is None:
        raise ValueError(f"{SETTINGS} has no line `{key}: …`")
    return match, match["value"].strip("\"'")


def _settings(text: str, new: Identity) -> str:
    for key, value in vars(new).items():
        match, _ = _find(text, key)
        text = text[: match.start("value")] + _scalar(value) + text[match.end("value") :]
    return text


def _scalar(value: str) -> str:
    """Return a YAML scalar that is read as text: `on`, `null` or `123` are not without quotes."""
    words = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
    return value if value[0].isalpha() and value.lower() not in words else f'"{value}"'
