"""Pull requests on GitHub, over its REST API, with the standard library alone."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import Request, urlopen

from modelops.core.errors import ModelopsError
from modelops.core.forge import PullRequest, check_length, pack, unpack
from modelops.core.settings import Settings

API = "https://api.github.com"
SERVER = "https://github.com"
VERSION = "2022-11-28"
TOKENS = ("GH_TOKEN", "GITHUB_TOKEN")
TIMEOUT = 30
# Answers that another attempt may better, and the pauses before it, in seconds.
PASSING = (502, 503, 504)
PAUSES = (1.0, 4.0)


class GitHubError(ModelopsError):
    """GitHub refused a call; `status` is its HTTP status."""

    def __init__(self, message: str, *, hint: str = "", status: int = 0) -> None:
        super().__init__(message, hint=hint)
        self.status = status


class GitHubForge:
    """Pull requests of one repository."""

    def __init__(self, owner: str, repository: str, token: str, api: str = API) -> None:
        self.owner = owner
        self.repository = repository
        self.api = api.rstrip("/")
        self._token = token

    @classmethod
    def from_environment(cls, settings: Settings) -> GitHubForge:
        """Return the forge of the platform's repository, with the token and address that the environment gives.

        Raises
        ------
        ModelopsError
            Without a token.
        """
        name = _token_name()
        if name is None:
            raise ModelopsError(
                "no GitHub token: pull requests cannot be opened",
                hint="set GH_TOKEN (contents and pull requests: write); in a workflow, GH_TOKEN: ${{ github.token }}",
            )
        return cls(settings.owner, settings.repository, os.environ[name], os.environ.get("GITHUB_API_URL") or API)

    def open(
        self, branch: str, base: str, title: str, body: str, metadata: Mapping[str, Any] | None = None
    ) -> PullRequest:
        """Open a pull request for a pushed branch; the branch's open one is updated in place instead.

        Raises
        ------
        ModelopsError
            When GitHub refuses, for example because workflows may not open pull requests; the branch stays, and the
            hint is the address where a person opens it.
        """
        text = pack(body, metadata)
        check_length(text)
        fields = {"title": title, "body": text, "base": base}
        found = self.find(branch)
        if found and found.state == "open":
            return _pull(self._call("PATCH", f"pulls/{found.number}", fields))
        try:
            return _pull(self._call("POST", "pulls", {**fields, "head": branch}))
        except GitHubError as error:
            if error.status not in (403, 422):
                raise
            raise GitHubError(
                error.message, hint=f"open it by hand: {self._compare(base, branch)}", status=error.status
            ) from None

    def find(self, branch: str) -> PullRequest | None:
        """Return the branch's open pull request, else its newest one, else None."""
        query = {
            "head": f"{self.owner}:{branch}",
            "state": "all",
            "sort": "created",
            "direction": "desc",
            "per_page": "100",
        }
        pulls = [_pull(answer) for answer in self._call("GET", f"pulls?{urlencode(query)}")]
        mine = [pull for pull in pulls if pull.branch == branch]
        return max(mine, key=lambda pull: (pull.state == "open", pull.number), default=None)

    def close(self, number: int, note: str = "") -> PullRequest:
        """Close a pull request without merging it, after leaving a note."""
        pull = _pull(self._call("GET", f"pulls/{number}"))
        if pull.state != "open":
            return pull
        if note:
            self.comment(number, note)
        return _pull(self._call("PATCH", f"pulls/{number}", {"state": "closed"}))

    def comment(self, number: int, text: str) -> None:
        """Say something on a pull request."""
        check_length(text)
        self._call("POST", f"issues/{number}/comments", {"body": text})

    def _compare(self, base: str, branch: str) -> str:
        server = os.environ.get("GITHUB_SERVER_URL") or SERVER
        return f"{server}/{self.owner}/{self.repository}/compare/{quote(base)}...{quote(branch)}?expand=1"

    def _call(self, method: str, path: str, fields: Mapping[str, Any] | None = None) -> Any:
        """Call the API and return the JSON it answers; a passing fault is tried again unless that could act twice."""
        for pause in (*PAUSES, None):
            try:
                return self._once(method, path, fields)
            except GitHubError as error:
                if pause is None or method == "POST" or error.status not in PASSING:
                    raise
                time.sleep(pause)
        raise AssertionError("unreachable")

    def _once(self, method: str, path: str, fields: Mapping[str, Any] | None) -> Any:
        request = Request(  # noqa: S310 - the scheme is the platform's
            f"{self.api}/repos/{quote(self.owner)}/{quote(self.repository)}/{path}",
            method=method,
            data=None if fields is None else json.dumps(fields).encode(),
            headers={
                "Accept": "application/vnd.github+json",
                "Content-Type": "application/json",
                "User-Agent": "modelops",
                "X-GitHub-Api-Version": VERSION,
            },
        )
        # Not a plain header: a redirect to another host must not take the token along.
        request.add_unredirected_header("Authorization", f"Bearer {self._token}")
        try:
            with urlopen(request, timeout=TIMEOUT) as answer:  # noqa: S310
                return json.load(answer)
        except HTTPError as error:
            with error:
                raise self._refusal(method, path, error) from None
        except (URLError, TimeoutError, OSError, ValueError) as error:
            why = getattr(error, "reason", error)
            raise GitHubError(
                f"cannot reach GitHub at {urlsplit(self.api).netloc}: {why}", hint="try again later"
            ) from None

    def _refusal(self, method: str, path: str, error: HTTPError) -> GitHubError:
        said = _said(error.read())
        place = f"{method} /repos/{self.owner}/{self.repository}/{path.split('?')[0]}"
        hints = {
            401: "the token is wrong or has expired",
            403: "the token needs pull requests: write, and Settings > Actions must allow workflows to open them",
            404: "check owner and repository in modelops.yaml, and that the token may see the repository",
        }
        return GitHubError(
            f"GitHub refused {place} ({error.code}): {said}", hint=hints.get(error.code, ""), status=error.code
        )


def git_credentials() -> tuple[str, ...]:
    """Return options that let git talk to GitHub with the environment's token, none without one.

    The token itself is in no argument: git asks a helper, which reads the variable, and only for GitHub's address.
    """
    name = _token_name()
    if name is None:
        return ()
    helper = f"credential.{os.environ.get('GITHUB_SERVER_URL') or SERVER}.helper"
    answer = f'!f() {{ echo username=x-access-token; echo "password=${name}"; }}; f'
    # The empty one first: helpers of the user's own would answer before.
    return ("-c", f"{helper}=", "-c", f"{helper}={answer}")


def _token_name() -> str | None:
    return next((name for name in TOKENS if os.environ.get(name)), None)


def _said(body: bytes) -> str:
    """Return the words of an error answer."""
    try:
        plain = json.loads(body)
        details = [
            each.get("message") or each.get("code", "") for each in plain.get("errors", []) if isinstance(each, dict)
        ]
        return "; ".join(part for part in (str(plain.get("message", "")), *details) if part) or "no reason given"
    except (ValueError, AttributeError):
        return "no reason given"


def _pull(answer: Mapping[str, Any]) -> PullRequest:
    body, metadata = unpack(answer.get("body") or "")
    return PullRequest(
        number=answer["number"],
        branch=answer["head"]["ref"],
        base=answer["base"]["ref"],
        title=answer["title"],
        body=body,
        state="merged" if answer.get("merged_at") else answer["state"],
        url=answer["html_url"],
        metadata=metadata,
    )
