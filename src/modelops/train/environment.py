"""What the result of training depends on besides spec, data and code."""

from __future__ import annotations

import platform as machine
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, version

PACKAGES = ("scikit-learn", "numpy", "scipy", "pandas", "onnx", "skl2onnx", "onnxruntime", "skops")


def environment(estimator: str = "", *, search: bool = False) -> dict[str, str]:
    """Return package to version for everything that training depends on.

    Parameters
    ----------
    estimator : str
        Import path of the estimator; the package it comes from is included.
    search : bool
        Whether Optuna proposes parameters.
    """
    names = [*PACKAGES, *(["optuna"] if search else []), *_packages_of(estimator)]
    versions = {"python": f"{sys.version_info.major}.{sys.version_info.minor}"}
    for name in dict.fromkeys(names):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return versions


def _packages_of(estimator: str) -> list[str]:
    top = estimator.partition(".")[0]
    return [] if top in {"", "sklearn"} else sorted(set(packages_distributions().get(top, [])))


def platform() -> str:
    """Return operating system and processor, for example `linux/x86_64`."""
    return f"{machine.system().lower()}/{machine.machine().lower()}"
