"""One repository on disk: where everything is, found from any folder inside it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from modelops.core.errors import ModelopsError
from modelops.core.git import Git
from modelops.core.settings import Settings
from modelops.core.store import Store

SETTINGS = "modelops.yaml"


@dataclass(frozen=True)
class Workspace:
    """A repository and its platform settings.

    `main` is set in a temporary git worktree: the working tree it was made from, whose cache and data it shares.
    """

    root: Path
    settings: Settings
    main: Path | None = None

    @cached_property
    def git(self) -> Git:
        """The repository's git."""
        return Git(self.root)

    @cached_property
    def store(self) -> Store:
        """The local artifact store, with the shared one behind it when `modelops.yaml` names one."""
        return Store(self.cache / "store", self.settings.store.remote)

    @property
    def cache(self) -> Path:
        """What can be made again: store, tracking database, reports."""
        return self.data_root / ".modelops"

    @property
    def data_root(self) -> Path:
        """The folder that relative paths of data sources start at."""
        return self.main or self.root

    def spec_path(self, model: str) -> Path:
        """Return the file of a model's spec."""
        return self.root / "specs" / f"{model}.yaml"

    def model_dir(self, model: str) -> Path:
        """Return the folder of a model's lock, profile, card and own code."""
        return self.root / "models" / model

    def lock_path(self, model: str) -> Path:
        """Return the file of a model's lock."""
        return self.model_dir(model) / "lock.yaml"

    def release_dir(self, environment: str, model: str) -> Path:
        """Return the folder that Argo CD syncs for one model in one environment."""
        return self.root / "argocd" / "environments" / environment / model

    @property
    def models(self) -> list[str]:
        """Names of all models that have a spec, sorted."""
        return sorted(path.stem for path in (self.root / "specs").glob("*.yaml"))


def find_root(start: Path) -> Path:
    """Return the nearest folder at or above start that holds `modelops.yaml`.

    Raises
    ------
    ModelopsError
        When there is none.
    """
    for folder in (start, *start.parents):
        if (folder / SETTINGS).is_file():
            return folder
    raise ModelopsError(
        f"no {SETTINGS} in {start} or any folder above it",
        hint="run modelops inside a repository made from the template",
    )
