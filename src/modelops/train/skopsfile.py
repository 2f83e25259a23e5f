"""The fitted pipeline as a skops file: no pickle, named types, and the same bytes in every process.

skops names objects by their address in memory and stamps its zip entries with the time. Both are replaced: objects
are numbered in the order of the schema, entries carry a fixed date. Plain values share nothing, so each gets a
number of its own. Attributes that scikit-learn does not use again, but that hold an accident of the process that
fitted (thread counts, addresses), are set to one.
"""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import skops.io

from modelops.core.errors import ModelopsError

FIXED_DATE = (1980, 1, 1, 0, 0, 0)
SCHEMA = "schema.json"
ACCIDENTS = frozenset({"n_threads", "_n_threads", "_stop_words_id"})
TRUSTED_PACKAGES = frozenset({"sklearn", "numpy", "scipy"})


def dumps(model: Any) -> bytes:
    """Return a model as a skops file, always the same bytes for the same model.

    Raises
    ------
    ModelopsError
        When it holds something that skops cannot write.
    """
    try:
        content = skops.io.dumps(model)
    except Exception as error:
        raise ModelopsError(
            f"the fitted model cannot be written as a skops file: {type(error).__name__}: {error}",
            hint="own transformers may keep arrays, numbers, texts, lists and dictionaries only",
        ) from error
    return _normalised(content)


def trusted_types(content: bytes, estimator: str) -> tuple[str, ...]:
    """Return the types of a skops file that must be trusted to load it, sorted.

    Trusted are scikit-learn, NumPy and SciPy, the package that the spec's estimator comes from, and the model's
    own code.

    Raises
    ------
    ModelopsError
        When the file holds any other type.
    """
    own = estimator.partition(".")[0]
    types = sorted(skops.io.get_untrusted_types(data=content))
    for name in types:
        top = name.partition(".")[0]
        if top not in TRUSTED_PACKAGES and top != own and not top.startswith("modelops_code_"):
            raise ModelopsError(
                f"the fitted model holds an object of type {name}, which cannot be trusted",
                hint="own transformers may keep arrays, numbers, texts, lists and dictionaries only",
            )
    return tuple(types)


def _normalised(content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    schema = json.loads(entries.pop(SCHEMA))
    ids: dict[int, int] = {}
    files: dict[str, str] = {}
    _renumber(schema, ids, files)
    written = {files[name]: _normalised_entry(name, data) for name, data in entries.items() if name in files}
    return _zip({SCHEMA: json.dumps(schema, indent=2).encode(), **dict(sorted(written.items()))})


def _renumber(node: Any, ids: dict[int, int], files: dict[str, str]) -> None:
    if isinstance(node, list):
        for entry in node:
            _renumber(entry, ids, files)
    if not isinstance(node, dict):
        return
    if isinstance(node.get("__id__"), int):
        shared = node["__id__"] if node.get("__loader__") != "JsonNode" else -1 - len(ids)
        node["__id__"] = ids.setdefault(shared, len(ids) + 1)
    if isinstance(node.get("file"), str):
        suffix = node["file"].rpartition(".")[2]
        node["file"] = files.setdefault(node["file"], f"{len(files) + 1:06d}.{suffix}")
    for key, entry in node.items():
        if key in ACCIDENTS and isinstance(entry, dict) and "content" in entry:
            entry["content"] = "1"
        _renumber(entry, ids, files)


def _normalised_entry(name: str, data: bytes) -> bytes:
    if not name.endswith(".npz"):
        return data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return _zip({entry: archive.read(entry) for entry in archive.namelist()})


def _zip(entries: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, data in entries.items():
            info = zipfile.ZipInfo(name, FIXED_DATE)
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)
    return buffer.getvalue()
