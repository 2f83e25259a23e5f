from __future__ import annotations

import pytest

from modelops.spec.rules import parameter
from modelops.spec.rules.estimator import index


def test_the_index_is_that_of_the_installed_scikit_learn() -> None:
    from modelops.train import catalogue

    assert catalogue.PATH.read_text(encoding="utf-8") == catalogue.render(), "run python -m modelops.train.catalogue"


def test_the_default_of_every_parameter_fits_its_own_forms() -> None:
    import importlib
    import inspect

    wrong = []
    for path, entry in index().items():
        module, _, name = path.rpartition(".")
        signature = inspect.signature(getattr(importlib.import_module(module), name).__init__)
        for parameter_name, forms in entry["params"].items():
            default = signature.parameters[parameter_name].default
            plain = isinstance(default, (bool, int, float, str, type(None), tuple))
            if not plain or default != default or default in (float("inf"), -float("inf")):
                continue
            if default is not inspect.Parameter.empty and forms and parameter.wrong(forms, default):
                wrong.append((path, parameter_name, default, forms))
    assert wrong == []


@pytest.mark.parametrize(
    ("forms", "value", "message"),
    [
        ([["integer", 1, None, "left"]], 0, "must be a whole number at least 1"),
        ([["integer", 1, None, "left"]], True, "must be a whole number at least 1"),
        ([["integer", 1, None, "left"]], 3, ""),
        ([["number", 0, 1, "neither"]], 1.0, "must be a number above 0 and below 1"),
        ([["number", 0, 1, "both"]], 1, ""),
        ([["fraction", 0, 1, "right"], ["choice", "sqrt"], "nothing"], None, ""),
        (
            [["fraction", 0, 1, "right"], ["choice", "sqrt"], "nothing"],
            1,
            "must be a number with a decimal point above 0 and at most 1 or sqrt or null",
        ),
        (["boolean"], "true", "must be true or false"),
        (["mapping", ["choice", "balanced"]], {"a": 1}, ""),
        (["list"], (1, 2), ""),
        ([], 1, "cannot be set in a spec: it takes a Python object"),
        (["any"], object(), ""),
    ],
)
def test_values_are_held_against_forms(forms: list[object], value: object, message: str) -> None:
    assert parameter.wrong(forms, value) == message
