"""The child process that sends waiting runs to MLflow.

Started early by `tracking.start`; waits for one line of JSON on standard input (model to digest of the champion's
file) before it sends anything, and answers with one. When its parent ends without a line, it ends, too.
"""

from __future__ import annotations

import fcntl
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from modelops.core.store import Store
from modelops.train.entry import FOLDER, Entry, waiting

CANDIDATE = "candidate"
CHAMPION = "champion"
ENTRY = "modelops.entry"


def main(cache: Path, uri: str) -> None:
    """Get ready, wait for the word, send, answer."""
    client, problem = None, ""
    try:
        client = connect(cache, uri)
    except Exception as error:
        problem = brief(error, uri)
    word = sys.stdin.readline()
    if not word:
        return
    logged = 0
    try:
        if client is not None:
            with exclusive(cache):
                logged = send_all(client, cache)
                for model, model_digest in json.loads(word).items():
                    point(client, model, CHAMPION, model_digest)
    except Exception as error:
        problem = brief(error, uri)
    answer = {"logged": logged, "waiting": len(waiting(cache)), "problem": problem}
    sys.stdout.write(json.dumps(answer) + "\n")


def connect(cache: Path, uri: str) -> Any:
    """Return MLflow's client; a new database is set up by one process at a time."""
    import mlflow

    mlflow.set_tracking_uri(uri)  # the registry looks logged models up where this says
    with exclusive(cache):
        return mlflow.MlflowClient(uri, registry_uri=uri)


@contextmanager
def exclusive(cache: Path) -> Iterator[None]:
    """Hold the lock on the queue and the database."""
    path = cache / FOLDER / "lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def brief(error: Exception, uri: str) -> str:
    """Return an error as one short line without the URI's password."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()] or [""]
    text = f"{type(error).__name__}: {lines[0]}"[:200]
    if "Max retries exceeded" in str(error) or "Connection" in text:
        text = "the server does not answer"
    user, _, host = uri.rpartition("@")
    secret = user.partition("//")[2]
    return text.replace(secret, "…") if host and secret else text


def send_all(client: Any, cache: Path) -> int:
    """Send every run that waits, oldest first, and return how many arrived."""
    store = Store(cache / "store")
    count = 0
    for path in waiting(cache):
        run = Entry.model_validate_json(path.read_text(encoding="utf-8"))
        send(client, run, store, cache)
        path.unlink()
        count += 1
    return count


def send(client: Any, run: Entry, store: Store, cache: Path) -> None:
    """Log one run, unless a complete one with the same content is there already."""
    experiment = _experiment(client, run.model, cache)
    same = client.search_runs(
        [experiment], f"tags.`{ENTRY}` = '{run.id}' and attributes.status = 'FINISHED'", max_results=1
    )
    if not same:
        _log(client, experiment, run, store)
    if run.champion:
        point(client, run.model, CHAMPION, run.champion)


def point(client: Any, model: str, alias: str, model_digest: str) -> bool:
    """Let an alias name the newest registered version of this model file; False when there is none."""
    found = client.search_model_versions(f"name = '{model}' and tags.`modelops.model` = '{model_digest}'")
    if not found:
        return False
    client.set_registered_model_alias(model, alias, max(int(version.version) for version in found))
    return True


def _experiment(client: Any, name: str, cache: Path) -> str:
    found = client.get_experiment_by_name(name)
    if found:
        return str(found.experiment_id)
    local = os.environ.get("MODELOPS_TRACKING_URI", "").startswith("sqlite:")
    place = (cache / "mlflow" / name).resolve().as_uri() if local else None
    return str(client.create_experiment(name, artifact_location=place))


def _log(client: Any, experiment: str, run: Entry, store: Store) -> None:
    from mlflow.entities import Metric, Param, RunTag

    now = int(time.time() * 1000)
    began = now - int(run.seconds * 1000)
    run_id = client.create_run(experiment, began, run_name=run.run_name, tags=run.tags).info.run_id
    client.log_batch(
        run_id,
        metrics=[Metric(name, value, now, 0) for name, value in run.metrics.items()],
        params=[Param(name, value) for name, value in run.params.items()],
        tags=[RunTag("mlflow.note.content", run.description)],
    )
    _log_dataset(client, run_id, run)
    _log_model(client, experiment, run_id, run, store)
    _log_reports(client, run_id, run, store)
    client.set_tag(run_id, ENTRY, run.id)
    client.set_terminated(run_id, "FINISHED")


def _log_dataset(client: Any, run_id: str, run: Entry) -> None:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    data = run.dataset
    profile = json.dumps({"num_rows": data.rows, "first": data.first, "last": data.last, "digest": data.digest})
    source = json.dumps({"spec": f"specs/{run.model}.yaml", "snapshot": data.snapshot})
    short = data.digest.removeprefix("sha256:")[:36]  # MLflow keeps no more
    dataset = Dataset(data.name, short, "local", source, profile=profile)
    client.log_inputs(run_id, [DatasetInput(dataset, [InputTag("mlflow.data.context", "training")])])


def _log_model(client: Any, experiment: str, run_id: str, run: Entry, store: Store) -> None:
    from mlflow.entities import LoggedModelOutput

    from modelops.train.mlmodel import write

    logged = client.create_logged_model(
        experiment, name=run.model, source_run_id=run_id, tags=run.tags, params=run.params
    )
    with tempfile.TemporaryDirectory(prefix="modelops-") as name:
        folder = Path(name)
        write(folder, run, store, run_id, logged.model_id)
        client.log_model_artifacts(logged.model_id, str(folder))
    client.finalize_logged_model(logged.model_id, "READY")
    client.log_outputs(run_id, [LoggedModelOutput(logged.model_id, 0)])
    _register(client, run, run_id, logged.model_id)


def _log_reports(client: Any, run_id: str, run: Entry, store: Store) -> None:
    with tempfile.TemporaryDirectory(prefix="modelops-") as name:
        for path in run.reports:
            client.log_artifact(run_id, str(store.checkout(run.reports, Path(name)) / path), "reports")


def _register(client: Any, run: Entry, run_id: str, model_id: str) -> None:
    from mlflow.exceptions import MlflowException

    try:
        client.get_registered_model(run.model)
    except MlflowException:
        client.create_registered_model(run.model, description=run.description)
    version = client.create_model_version(run.model, f"models:/{model_id}", run_id, tags=run.tags, model_id=model_id)
    client.set_registered_model_alias(run.model, CANDIDATE, version.version)


if __name__ == "__main__":
    main(Path(sys.argv[1]), os.environ["MODELOPS_TRACKING_URI"])
