from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

fake_github = pytest.importorskip("fake_github", reason="needs openapi-core")

from modelops.core import github  # noqa: E402
from modelops.core.errors import ModelopsError  # noqa: E402
from modelops.core.git import Git  # noqa: E402
from modelops.core.github import GitHubForge  # noqa: E402
from modelops.core.settings import Settings  # noqa: E402


@pytest.fixture
def state(monkeypatch: pytest.MonkeyPatch) -> Iterator[fake_github.State]:
    monkeypatch.setattr(github, "PAUSES", (0.0, 0.0))
    with fake_github.serve() as running:
        yield running


@pytest.fixture
def forge(state: fake_github.State) -> GitHubForge:
    return GitHubForge("acme", "model-ops", fake_github.TOKEN, state.address)


def test_the_fake_refuses_what_github_does_not_know(forge: GitHubForge) -> None:
    with pytest.raises(ModelopsError, match="not in GitHub's description"):
        forge._call("PATCH", "pulls/1", {"state": "merged"})
    with pytest.raises(ModelopsError, match="not in GitHub's description"):
        forge._call("POST", "pulls", {"title": "t", "body": "b", "base": "main"})
    with pytest.raises(ModelopsError, match=r"unknown \['labels'\]"):
        forge._call("POST", "pulls", {"title": "t", "body": "b", "base": "main", "head": "x", "labels": ["a"]})
    with pytest.raises(ModelopsError, match="not in GitHub's description"):
        forge._call("GET", "pulls?state=merged")


def test_open_find_update_and_close(forge: GitHubForge, state: fake_github.State) -> None:
    assert forge.find("retrain/m") is None
    opened = forge.open("retrain/m", "main", "Retrain m", "Why now", {"score": 0.4})
    assert (opened.number, opened.state, opened.body, dict(opened.metadata)) == (1, "open", "Why now\n", {"score": 0.4})
    assert state.pulls[1]["body"] == 'Why now\n\n<!-- modelops {"score": 0.4} -->\n'

    updated = forge.open("retrain/m", "main", "Retrain m", "Newer")
    assert (updated.number, updated.body) == (1, "Newer\n")
    assert len(state.pulls) == 1

    assert forge.close(1, "The drift is gone.").state == "closed"
    assert state.comments[1] == ["The drift is gone."]
    forge.close(1, "again")
    assert state.comments[1] == ["The drift is gone."]

    assert forge.open("retrain/m", "main", "Retrain m", "again").number == 2
    found = forge.find("retrain/m")
    assert found is not None
    assert (found.number, found.state) == (2, "open")


def test_a_merged_pull_request_is_told_from_a_closed_one(forge: GitHubForge, state: fake_github.State) -> None:
    forge.open("retrain/m", "main", "t", "b")
    state.pulls[1] |= {"state": "closed", "merged_at": "2026-11-21T12:00:00Z"}
    found = forge.find("retrain/m")
    assert found is not None
    assert found.state == "merged"


def test_where_workflows_may_not_open_pull_requests_a_person_gets_the_link(
    forge: GitHubForge, state: fake_github.State
) -> None:
    state.may_open = False
    with pytest.raises(ModelopsError, match="not permitted to create") as refused:
        forge.open("retrain/m", "main", "t", "b")
    assert refused.value.hint == (
        "open it by hand: https://github.com/acme/model-ops/compare/main...retrain/m?expand=1"
    )


def test_a_passing_fault_is_tried_again_but_never_twice_opened(forge: GitHubForge, state: fake_github.State) -> None:
    state.fail = [502, 503]
    assert forge.find("retrain/m") is None
    assert len(state.calls) == 3
    state.fail = [502]
    with pytest.raises(ModelopsError, match=r"\(502\)"):
        forge.comment(1, "hello")
    assert len(state.calls) == 4


@pytest.mark.parametrize(
    ("status", "hint"), [(401, "expired"), (404, "check owner and repository"), (403, "pull requests: write")]
)
def test_refusals_say_what_to_do(forge: GitHubForge, state: fake_github.State, status: int, hint: str) -> None:
    state.fail = [status]
    with pytest.raises(
        ModelopsError, match=f"GitHub refused GET /repos/acme/model-ops/pulls \\({status}\\)"
    ) as refused:
        forge.find("retrain/m")
    assert hint in refused.value.hint


def test_an_unreachable_github_is_one_message() -> None:
    with pytest.raises(ModelopsError, match=r"cannot reach GitHub at 127\.0\.0\.1:1"):
        GitHubForge("acme", "model-ops", "t", "http://127.0.0.1:1")._once("GET", "pulls", None)


def test_without_a_token_it_says_which_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    settings = Settings.model_validate(
        {
            "apiVersion": "modelops/v1",
            "kind": "Platform",
            "owner": "acme",
            "repository": "model-ops",
            "registry": "ghcr.io/acme/models",
            "environments": {"staging": {}},
            "forge": {"kind": "github"},
        }
    )
    with pytest.raises(ModelopsError, match="no GitHub token"):
        GitHubForge.from_environment(settings)
    monkeypatch.setenv("GITHUB_TOKEN", "abc")
    monkeypatch.setenv("GITHUB_API_URL", "https://github.acme.internal/api/v3")
    assert GitHubForge.from_environment(settings).api == "https://github.acme.internal/api/v3"


def test_git_gets_the_token_for_github_alone_and_not_as_an_argument(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert github.git_credentials() == ()
    monkeypatch.setenv("GH_TOKEN", "s3cret")
    options = github.git_credentials()
    assert "s3cret" not in " ".join(options)

    def answer(host: str) -> str:
        asked = f"protocol=https\nhost={host}\n\n"
        return Git(tmp_path).run(*options, "credential", "fill", stdin=asked, check=False).stdout

    assert "password=s3cret" in answer("github.com")
    assert "s3cret" not in answer("example.invalid")
