"""The workflows hold to their rules, and call only what the command line has."""

from __future__ import annotations

import json
import re
import subprocess
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from shell_commands import check_command, commands_in

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))
ACTIONS = sorted((ROOT / ".github/actions").glob("*/action.yml"))
PIN = re.compile(r"^[\w.-]+/[\w./-]+@[0-9a-f]{40}$")


def load(path: Path) -> dict[str, Any]:
    loaded: dict[Any, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
    # YAML 1.1 reads the key `on` as true.
    return {"on" if key is True else key: value for key, value in loaded.items()}


def jobs() -> Iterator[tuple[str, dict[str, Any]]]:
    for path in WORKFLOWS:
        for name, job in load(path)["jobs"].items():
            yield f"{path.name}:{name}", job


def steps() -> Iterator[tuple[str, dict[str, Any]]]:
    for place, job in jobs():
        for number, step in enumerate(job.get("steps", []), 1):
            yield f"{place}:{number}", step
    for path in ACTIONS:
        for number, step in enumerate(load(path)["runs"]["steps"], 1):
            yield f"{path.parent.name}:{number}", step


def runs() -> list[tuple[str, str]]:
    return [(place, step["run"]) for place, step in steps() if "run" in step]


def test_the_expected_workflows_exist() -> None:
    assert {"ci.yml", "drift.yml", "main.yml", "pull-request.yml"} <= {path.name for path in WORKFLOWS}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_nothing_is_permitted_unless_a_job_says_so(path: Path) -> None:
    workflow = load(path)
    assert workflow["permissions"] == {}
    assert "concurrency" in workflow
    assert workflow["defaults"]["run"]["shell"] == "bash"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_path_filter_leaves_a_required_check_pending(path: Path) -> None:
    for event in load(path)["on"].values():
        assert not isinstance(event, dict) or not {"paths", "paths-ignore"} & set(event)


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_no_code_of_a_fork_runs_with_secrets(path: Path) -> None:
    assert not {"pull_request_target", "workflow_run"} & set(load(path)["on"])


@pytest.mark.parametrize(("place", "job"), list(jobs()), ids=[place for place, _ in jobs()])
def test_every_job_has_an_end_and_says_what_it_may(place: str, job: dict[str, Any]) -> None:
    assert isinstance(job["timeout-minutes"], int)
    assert isinstance(job["permissions"], dict)
    assert job["name"]


def test_only_the_job_that_proposes_may_write() -> None:
    writers = {place for place, job in jobs() if "write" in job["permissions"].values()}
    assert writers == {"drift.yml:propose"}


def test_checkouts_keep_no_credentials() -> None:
    found = [step for _, step in steps() if str(step.get("uses", "")).startswith("actions/checkout@")]
    assert found
    assert all(step["with"]["persist-credentials"] is False for step in found)


def test_every_action_is_pinned_by_commit_and_says_its_version() -> None:
    pins = defaultdict(set)
    for path in (*WORKFLOWS, *ACTIONS):
        for line in path.read_text(encoding="utf-8").splitlines():
            match = re.search(r"uses: (?P<action>\S+)(?: # (?P<version>v\d+\.\d+\.\d+))?$", line)
            if match is None or match["action"].startswith("$/"):
                assert "uses:" not in line or match, f"{path.name}: {line}"
                continue
            assert PIN.match(match["action"]), f"{path.name}: {line}"
            assert match["version"], f"{path.name}: {line}"
            name, commit = match["action"].split("@")
            pins[name].add((commit, match["version"]))
    assert pins
    assert {name: found for name, found in pins.items() if len(found) > 1} == {}


def test_actions_of_this_repository_exist() -> None:
    used = {step["uses"] for _, step in steps() if str(step.get("uses", "")).startswith("$/")}
    assert used
    assert all((ROOT / name.removeprefix("$/") / "action.yml").is_file() for name in used)


@pytest.mark.parametrize(("place", "script"), runs(), ids=[place for place, _ in runs()])
def test_no_expression_is_expanded_inside_a_script(place: str, script: str) -> None:
    assert "${{" not in script


@pytest.mark.parametrize(("place", "script"), runs(), ids=[place for place, _ in runs()])
def test_scripts_are_sound_bash(place: str, script: str) -> None:
    done = subprocess.run(["bash", "-n"], input=script, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_verbs_and_options_in_scripts_exist() -> None:
    found = [(place, words) for place, script in runs() for words in commands_in(script)]
    assert len(found) > 5
    for place, words in found:
        check_command(place, words)


def gate(plan: str, run: str, empty: bool) -> int:
    """Run the gate's own script with results as GitHub hands them over, and return its exit code."""
    job = load(ROOT / ".github/workflows/pull-request.yml")["jobs"]["gate"]
    assert job["if"] == "always()"
    assert job["needs"] == ["plan", "run"]
    outputs = (
        {"plan": json.dumps({"include": [] if empty else [{"model": "m"}], "empty": empty})}
        if plan == "success"
        else {}
    )
    needs = {"plan": {"result": plan, "outputs": outputs}, "run": {"result": run, "outputs": {}}}
    [step] = job["steps"]
    done = subprocess.run(
        ["bash", "-e"], input=step["run"], env={"PATH": "/usr/bin:/bin", "NEEDS": json.dumps(needs)}, text=True
    )
    return done.returncode


@pytest.mark.parametrize(
    ("plan", "run", "empty", "passes"),
    [
        ("success", "success", False, True),
        ("success", "skipped", True, True),
        ("success", "skipped", False, False),
        ("success", "failure", False, False),
        ("success", "cancelled", False, False),
        ("failure", "skipped", False, False),
        ("cancelled", "skipped", True, False),
        ("skipped", "skipped", True, False),
    ],
)
def test_the_gate_passes_only_what_ran_or_had_nothing_to_run(plan: str, run: str, empty: bool, passes: bool) -> None:
    assert (gate(plan, run, empty) == 0) is passes


def test_the_gates_name_is_the_required_check() -> None:
    assert load(ROOT / ".github/workflows/pull-request.yml")["jobs"]["gate"]["name"] == "gate"
