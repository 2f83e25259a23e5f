"""Where search, cross-validation and ensembles run: this machine, or a Dask cluster. The result is the same."""

from __future__ import annotations

import importlib
import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from types import ModuleType
from typing import Any

import joblib
from sklearn.base import BaseEstimator
from threadpoolctl import threadpool_limits

from modelops.core.errors import ModelopsError
from modelops.spec.model import Spec
from modelops.train.environment import environment

LARGE = 200_000  # cells of the training rows from which on starting processes pays


def threads() -> int:
    """Return how many threads a fit uses: `OMP_NUM_THREADS`, else one for each physical core (about half of all)."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdigit() and int(asked) > 0 else max(1, joblib.cpu_count() // 2)


@contextmanager
def engine(spec: Spec, code: ModuleType | None = None) -> Iterator[None]:
    """Run what is inside on the spec's engine; its workers get the model's own code, too.

    Sums in BLAS depend on the number of threads, so BLAS gets one; scikit-learn's own loops (OpenMP) do not.

    Raises
    ------
    ModelopsError
        When there is no Dask cluster at the address, or its workers have other versions of the libraries.
    """
    with threadpool_limits({"blas": 1, "openmp": threads()}):
        if spec.train.engine.kind == "dask":
            with _dask(spec, code), joblib.parallel_config(backend="dask", n_jobs=-1):
                yield
        else:
            with joblib.parallel_config(backend="threading", n_jobs=threads()):
                yield


def engine_of(estimator: BaseEstimator) -> AbstractContextManager[Any]:
    """Return where one estimator is fitted: tree ensembles on the engine, anything else on one thread.

    What predicts while it is fitted (calibration, stacking) adds up in an order that would depend on the number
    of workers.
    """
    parameters = estimator.get_params(deep=False)
    if "n_estimators" in parameters and "n_jobs" in parameters:
        return nullcontext()
    alone: AbstractContextManager[Any] = joblib.parallel_config(backend="sequential")
    return alone


@contextmanager
def processes(spec: Spec, cells: int) -> Iterator[None]:
    """Run independent fits side by side: on the cluster, else in processes of this machine when that pays.

    Parameters
    ----------
    spec : Spec
        The model's spec.
    cells : int
        Rows times columns of the training rows.
    """
    cores = joblib.cpu_count()
    if spec.train.engine.kind == "dask":
        yield
    elif cores > 1 and cells >= LARGE:
        with joblib.parallel_config(backend="loky", n_jobs=cores, inner_max_num_threads=1):
            yield
    else:
        with joblib.parallel_config(backend="sequential"):
            yield


@contextmanager
def sharing(spec: Spec, arrays: Iterable[Any]) -> Iterator[None]:
    """Give every Dask worker its own copy of some arrays, once.

    Otherwise each array lives on one worker, jobs follow it there, and the worker with the largest fold is the last
    one busy.
    """
    if spec.train.engine.kind != "dask":
        yield
        return
    scattered = [array for array in arrays if array is not None]
    with joblib.parallel_config(backend="dask", n_jobs=-1, scatter=scattered):
        yield


def _own_cluster(distributed: Any) -> Any:
    """Return a cluster of worker processes on this machine, for a spec that names no scheduler."""
    return distributed.LocalCluster(threads_per_worker=1, dashboard_address=None)


@contextmanager
def _dask(spec: Spec, code: ModuleType | None) -> Iterator[None]:
    try:
        distributed: Any = importlib.import_module("distributed")
    except ModuleNotFoundError as error:
        raise ModelopsError("train.engine: Dask is not installed", hint="install modelops[dask]") from error
    address = spec.train.engine.address
    if address is None:
        with _own_cluster(distributed) as cluster, distributed.Client(cluster) as client:
            _upload(client, code)
            yield
        return
    try:
        client = distributed.Client(address, timeout="10s", set_as_default=True)
    except (OSError, TimeoutError, ValueError) as error:
        raise ModelopsError(
            f"train.engine: no Dask scheduler answers at {address}", hint="check address, or set kind: local"
        ) from error
    with client:
        _same_versions(_here(spec), client.run(environment, spec.train.estimator), address)
        _upload(client, code)
        yield


def _upload(client: Any, code: ModuleType | None) -> None:
    """Let the workers import the model's own code under the name that it has here."""
    if code is None or code.__file__ is None:
        return
    with tempfile.TemporaryDirectory(prefix="modelops-") as folder:
        path = Path(folder) / f"{code.__name__}.py"
        shutil.copyfile(code.__file__, path)
        client.upload_file(str(path))


def _here(spec: Spec) -> dict[str, str]:
    return environment(spec.train.estimator)


def _same_versions(here: dict[str, str], workers: dict[str, dict[str, str]], address: str) -> None:
    if not workers:
        raise ModelopsError(f"train.engine: the Dask cluster at {address} has no workers", hint="start some")
    for worker, there in sorted(workers.items()):
        for package, version in here.items():
            if there.get(package) != version:
                other = there.get(package, "not at all")
                raise ModelopsError(
                    f"train.engine: Dask worker {worker} has {package} {other}, here it is {version}",
                    hint="the result would not be the same: give the workers the same environment",
                )
