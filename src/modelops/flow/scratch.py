"""A scratch repository made from the working tree, with a bare repository as its origin: nothing real is touched."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic
from modelops.core.git import Git
from modelops.core.settings import Settings
from modelops.core.workspace import SETTINGS, Workspace

IDENTITY = {"user.name": "modelops demo", "user.email": "demo@example.invalid", "commit.gpgsign": "false"}


def make_scratch(source: Path, settings: Settings, target: Path | None = None) -> Workspace:
    """Copy what git knows of a repository into a new one, and return it.

    Left out is what the tool makes: locks, releases, the cache. Every environment accepts unpinned images there,
    because the loop must work where no container engine exists.

    Raises
    ------
    ModelopsError
        When the source is not a git repository, or the target is not empty.
    """
    from modelops.spec.load import load_settings

    parent = _empty_folder(target)
    root = parent / "repository"
    for path in _known_files(source):
        destination = root / path
        destination.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(source / path, destination)
    accept_unpinned(root / SETTINGS, settings)
    _initialise(root, parent / "origin.git", settings.branch)
    return Workspace(root, load_settings(root))


def _empty_folder(target: Path | None) -> Path:
    if target is None:
        return Path(tempfile.mkdtemp(prefix="modelops-demo-"))
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise ModelopsError(f"{target} is not an empty folder", hint="give a new folder, or none")
    target.mkdir(parents=True, exist_ok=True)
    return target.resolve()


def _known_files(source: Path) -> list[Path]:
    git = Git(source)
    if not git.is_repository():
        raise ModelopsError(f"{source} is not a git repository", hint="run git init and git add --all there")
    listing = git.run("ls-files", "-z", "--cached", "--others", "--exclude-standard").stdout
    paths = [Path(name) for name in listing.split("\0") if name]
    return [path for path in paths if (source / path).is_file() and not _made_by_the_tool(path)]


def _made_by_the_tool(path: Path) -> bool:
    if path.parts[0] == "models":
        return path.name in ("lock.yaml", "reference.json", "README.md") and len(path.parts) == 3
    return path.parts[:2] == ("argocd", "environments") and path.name in ("release.yaml", "manifests.yaml")


def accept_unpinned(path: Path, settings: Settings) -> None:
    """Write into platform settings that every environment accepts unpinned images and that the forge is local."""
    lines = []
    for line in path.read_text(encoding="utf-8").splitlines():
        lines.append(line)
        name = line.split(":")[0].strip()
        if line.startswith("  ") and not line.startswith("   ") and name in settings.environments:
            lines.append("    unpinned_images: accept # only in this scratch copy")
    text = "\n".join(lines).replace("kind: github", "kind: local") + "\n"
    write_atomic(path, text)


def _initialise(root: Path, origin: Path, branch: str) -> None:
    git = Git(root)
    git.run("init", "--quiet", f"--initial-branch={branch}")
    for key, value in IDENTITY.items():
        git.run("config", key, value)
    git.run("add", "--all")
    git.run("commit", "--quiet", "--message", "Start from the template")
    git.run("init", "--quiet", "--bare", f"--initial-branch={branch}", str(origin))
    git.run("remote", "add", "origin", str(origin))
    git.run("push", "--quiet", "--set-upstream", "origin", branch)
