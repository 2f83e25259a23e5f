"""The small model of `tiny_model`, packaged."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tiny_model
from modelops.core.store import Store
from modelops.package.bento import folder
from modelops.package.build import package
from modelops.records.package import PackageRecord
from modelops.records.train import TrainRecord


@dataclass(frozen=True)
class Built:
    """A workspace's cache with one Bento in it."""

    cache: Path
    store: Store
    train: TrainRecord
    record: PackageRecord

    @property
    def folder(self) -> Path:
        """The Bento's folder."""
        return folder(self.cache, self.record.tag)

    def again(self) -> PackageRecord:
        """Package the same model once more."""
        return package(tiny_model.spec(), self.train, tiny_model.settings(), self.store, self.cache)


def build(root: Path) -> Built:
    """Package the small model in a workspace at root."""
    cache = root / ".modelops"
    store = Store(cache / "store")
    train = tiny_model.trained(root / "model", store)
    record = package(tiny_model.spec(), train, tiny_model.settings(), store, cache)
    return Built(cache, store, train, record)
