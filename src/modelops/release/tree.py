"""All rendered files of a repository: what they must say, which are stale, and which nobody needs any more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelops.core.errors import InvalidFile, ModelopsError, Problem
from modelops.core.files import write_atomic
from modelops.core.settings import Settings
from modelops.release import control, manifests, pins
from modelops.spec.model import Spec

# Only files that start like this are ever deleted.
OURS = (manifests.HEADER.split(" from ")[0], control.HEADER.split(" from ")[0], pins.HEADER.split(",")[0])
CODE = "MO203"


@dataclass(frozen=True)
class Tree:
    """What rendering comes to, as paths from the root.

    `texts` is every rendered file, `stale` those that differ on disk, `leftover` files of ours that belong to no
    model and environment any more, `foreign` files in their place that the tool did not write.
    """

    texts: dict[str, str]
    stale: tuple[str, ...]
    leftover: tuple[str, ...]
    foreign: tuple[str, ...]


def render(root: Path, settings: Settings, specs: Mapping[str, Spec]) -> Tree:
    """Render everything and compare it with the disk; write nothing.

    Raises
    ------
    InvalidFile
        When pins are damaged or may not run in their environment.
    ModelopsError
        When the platform settings contradict themselves.
    """
    texts = control.render(settings)
    kept = set(texts)
    problems: list[Problem] = []
    for path in _pinned(root, settings, specs):
        kept.add(path)
        try:
            release = pins.parse((root / path).read_text(encoding="utf-8"), path)
            rendered = manifests.render(specs[release.model], settings, release)
        except InvalidFile as error:
            problems += error.problems
        except ModelopsError as error:
            problems.append(Problem(path, 0, 0, CODE, error.message, error.hint))
        else:
            texts[path.replace(pins.NAME, manifests.NAME)] = rendered
    if problems:
        raise InvalidFile(problems)
    return _compare(root, texts, kept | set(texts))


def _pinned(root: Path, settings: Settings, specs: Mapping[str, Spec]) -> list[str]:
    """Return the pins of models that have a spec and run in that environment."""
    return [
        path
        for environment in settings.environments
        for name, spec in specs.items()
        if spec.serve.runs_in(environment)
        and (root / (path := f"argocd/environments/{environment}/{name}/{pins.NAME}")).is_file()
    ]


def _compare(root: Path, texts: dict[str, str], kept: set[str]) -> Tree:
    stale = [path for path, text in texts.items() if not _holds(root / path, text)]
    others = [path for path in _candidates(root) if path not in kept]
    leftover = [path for path in others if (root / path).read_text(encoding="utf-8").startswith(OURS)]
    foreign = [path for path in others if path not in leftover]
    return Tree(texts, tuple(sorted(stale)), tuple(leftover), tuple(foreign))


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text(encoding="utf-8") == text


def _candidates(root: Path) -> list[str]:
    patterns = ("argocd/bootstrap/*.yaml", "argocd/control/*.yaml", "argocd/environments/*/*/*.yaml")
    return sorted(path.relative_to(root).as_posix() for pattern in patterns for path in root.glob(pattern))


def write(root: Path, tree: Tree) -> None:
    """Bring the disk up to date: write what is stale, delete what is left over, and folders that are empty then."""
    for path in tree.stale:
        write_atomic(root / path, tree.texts[path])
    for path in tree.leftover:
        (root / path).unlink()
        for folder in (root / path).parents[:2]:
            if folder.is_dir() and not any(folder.iterdir()):
                folder.rmdir()
