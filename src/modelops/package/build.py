"""The package stage: a trained model becomes a Bento, once for each content."""

from __future__ import annotations

import sys
import time
from pathlib import Path

import modelops.serving
from modelops.core import digest as digests
from modelops.core.settings import Settings
from modelops.core.store import Store
from modelops.package import bento, image
from modelops.package.requirements import requirements
from modelops.records.package import PackageRecord
from modelops.records.train import TrainRecord
from modelops.spec.model import Spec

STAGE = "package"
VERSION = 1
_SERVING = Path(modelops.serving.__file__).parent


def package(spec: Spec, train: TrainRecord, settings: Settings, store: Store, cache: Path) -> PackageRecord:
    """Build the Bento of a trained model, or find the one that was built from the same content.

    Parameters
    ----------
    spec : Spec
        The model's spec; only its name counts.
    train : TrainRecord
        The model folder's files, by digest.
    settings : Settings
        Names the registry in the command that builds the image.
    store : Store
        Holds the model's files and remembers this stage.
    cache : Path
        The workspace's cache; Bentos are kept in `bentoml/bentos` below it.

    Raises
    ------
    ModelopsError
        When BentoML cannot build it, or a library that serves models is not installed.
    """
    started = time.perf_counter()
    pins = requirements(train.model.format)
    key = _key(spec.name, train, pins)
    known = store.get_record(STAGE, key)
    record = PackageRecord.model_validate_json(known) if known else None
    if record is None or not bento.is_complete(bento.folder(cache, record.tag)):
        digest, tag = bento.build(spec.name, _content(train, pins, store), cache)
        seconds = round(time.perf_counter() - started, 2)
        record = PackageRecord(bento=digest, tag=tag, image=None, image_command="", seconds=seconds)
        store.put_record(STAGE, key, record.model_dump_json())
    return record.model_copy(update={"image_command": image.command(record.tag, settings, cache)})


def _key(name: str, train: TrainRecord, pins: str) -> str:
    return digests.of_value(
        {
            "version": VERSION,
            "name": name,
            "files": train.files,
            "serving": digests.of_tree(_SERVING, _sources()),
            "requirements": pins,
            "python": list(sys.version_info[:2]),
        }
    )


def _sources() -> list[Path]:
    return sorted(_SERVING.glob("*.py"))


def _content(train: TrainRecord, pins: str, store: Store) -> dict[str, Path | str]:
    """Return the files of the Bento's `src` folder: serving code, model folder, pinned requirements."""
    return {
        "requirements.txt": pins,
        "modelops/__init__.py": '"""The part of modelops that serves."""\n',
        **{f"modelops/serving/{path.name}": path for path in _sources()},
        **{f"model/{name}": store.path(digest) for name, digest in train.files.items()},
    }
