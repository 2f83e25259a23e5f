"""Logging runs to MLflow without making anybody wait for it, and without ever failing a run.

A run is first written to `.modelops/tracking`, then sent by a child process, so that importing MLflow (seconds)
overlaps with training when the child is started early. What could not be sent stays there for `modelops sync`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from modelops.core import console
from modelops.train.entry import FOLDER, Entry, put

SECONDS = 60


@dataclass(frozen=True)
class Sent:
    """What came of sending: how many runs arrived, how many still wait, and why (empty when none does)."""

    logged: int
    waiting: int
    problem: str


@dataclass
class Tracker:
    """A child process that is ready, or getting ready, to send runs."""

    cache: Path
    uri: str
    process: subprocess.Popen[str]

    def log(self, run: Entry) -> None:
        """Write a run down; `finish` sends it."""
        put(self.cache, run)

    def finish(self, seconds: float = SECONDS, champions: Mapping[str, str] | None = None) -> Sent:
        """Send every run that waits, and return what came of it; never raises for a server's fault.

        Parameters
        ----------
        seconds : float
            How long the server may take.
        champions : mapping, optional
            Model name to digest of the model file that runs now: gets the alias `champion`.
        """
        try:
            answer, _ = self.process.communicate(json.dumps(dict(champions or {})) + "\n", timeout=seconds)
            return Sent(**json.loads(answer.strip().splitlines()[-1]))
        except subprocess.TimeoutExpired:
            self.stop()
            problem = f"no answer within {seconds:.0f} s"
        except (OSError, ValueError, IndexError, TypeError):
            problem = f"the logging process ended early, see {self.cache / FOLDER / 'last.log'}"
        return Sent(0, len(list((self.cache / FOLDER).glob("[0-9]*.json"))), problem)

    def stop(self) -> None:
        """End the child process, when it has not ended, without sending anything."""
        if self.process.poll() is None:
            self.process.kill()
            self.process.communicate()


def start(cache: Path, root: Path, uri: str) -> Tracker:
    """Start a child process that imports MLflow and opens its database, then waits.

    Parameters
    ----------
    cache : Path
        The folder `.modelops`.
    root : Path
        Where relative SQLite paths start.
    uri : str
        MLflow's tracking URI; `${NAME}` stands for a variable of the environment.
    """
    full = resolve(uri, root)
    (cache / FOLDER).mkdir(parents=True, exist_ok=True)
    environment = {
        **os.environ,
        "MLFLOW_DISABLE_TELEMETRY": "true",
        "DO_NOT_TRACK": "1",
        "MLFLOW_HTTP_REQUEST_TIMEOUT": "5",
        "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
        "MODELOPS_TRACKING_URI": full,  # not an argument: it may hold a password, and arguments are public
    }
    with (cache / FOLDER / "last.log").open("w", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, "-W", "ignore", "-m", "modelops.train.deliver", str(cache)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment,
        )
    return Tracker(cache, full, process)


def resolve(uri: str, root: Path) -> str:
    """Return a tracking URI with its variables filled in and a relative SQLite path made absolute."""
    full = os.path.expandvars(uri)
    prefix = "sqlite:///"
    if full.startswith(prefix) and not full.startswith(prefix + "/"):
        return prefix + str((root / full.removeprefix(prefix)).resolve())
    return full


def log(cache: Path, root: Path, uri: str, run: Entry) -> Sent:
    """Log one run now, and any that waited; says so when the server is away."""
    tracker = start(cache, root, uri)
    tracker.log(run)
    sent = tracker.finish()
    say(sent, uri)
    return sent


def say(sent: Sent, uri: str) -> None:
    """Warn when runs could not be logged."""
    if sent.problem:
        runs = "1 run waits" if sent.waiting == 1 else f"{sent.waiting} runs wait"
        console.warn(f"tracking: {public(uri)}: {sent.problem}; {runs} in .modelops/tracking for `modelops sync`")


def public(uri: str) -> str:
    """Return a URI without user and password."""
    return re.sub(r"//[^/@]*@", "//", uri)
