"""The model's own code, `models/<model>/code.py`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType

import cloudpickle

from modelops.core.errors import ModelopsError
from modelops.serving.predictor import CODE, load_code
from modelops.train.keys import folder


def load(root: Path, model: str) -> ModuleType | None:
    """Return a model's `code.py` as a module, None when it has none.

    Raises
    ------
    ModelopsError
        When the file cannot be executed.
    """
    path = folder(root, model) / CODE
    if not path.is_file():
        return None
    try:
        module = load_code(path)
    except ValueError as error:
        raise ModelopsError(
            str(error), hint="it may import NumPy, pandas and scikit-learn, and nothing beside it"
        ) from error
    cloudpickle.register_pickle_by_value(module)  # other processes of this machine cannot import it
    return module
