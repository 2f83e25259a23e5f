"""Where pull requests live: the protocol, and a forge that is nothing but a bare git repository on disk.

A pull request belongs to a branch that was pushed before. What machines must find again travels in the body, as one
HTML comment, so that it survives on every forge.
"""

from __future__ import annotations

import json
import re
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol
from urllib.parse import unquote, urlsplit

from modelops.core.errors import ModelopsError
from modelops.core.files import write_atomic
from modelops.core.git import Git
from modelops.core.settings import Settings

State = Literal["open", "closed", "merged"]
# GitHub refuses longer bodies and comments.
BODY_LIMIT = 65_536
_MARK = re.compile(r"\n*<!-- modelops (\{.*\}) -->\s*$")


@dataclass(frozen=True)
class PullRequest:
    """One pull request. `body` is what people read; `metadata` was taken out of its HTML comment."""

    number: int
    branch: str
    base: str
    title: str
    body: str
    state: State
    url: str
    metadata: Mapping[str, Any] = field(default_factory=dict)


class Forge(Protocol):
    """What the loop needs of a forge."""

    def open(
        self, branch: str, base: str, title: str, body: str, metadata: Mapping[str, Any] | None = None
    ) -> PullRequest:
        """Open a pull request for a pushed branch; the branch's open one is updated in place instead."""
        ...

    def find(self, branch: str) -> PullRequest | None:
        """Return the branch's open pull request, else its newest one, else None."""
        ...

    def close(self, number: int, note: str = "") -> PullRequest:
        """Close a pull request without merging it, after leaving a note."""
        ...

    def comment(self, number: int, text: str) -> None:
        """Say something on a pull request."""
        ...


def pack(body: str, metadata: Mapping[str, Any] | None) -> str:
    """Return a body with its metadata at the end, as an HTML comment that no value can break out of."""
    if not metadata:
        return body.rstrip("\n") + "\n"
    # JSON may write < and > as escapes; then `-->` cannot appear inside the comment.
    text = json.dumps(dict(metadata), sort_keys=True).replace("<", "\\u003c").replace(">", "\\u003e")
    return f"{body.rstrip()}\n\n<!-- modelops {text} -->\n"


def unpack(text: str) -> tuple[str, dict[str, Any]]:
    """Return the body that people read and the metadata behind it, the inverse of `pack`."""
    match = _MARK.search(text)
    if match is None:
        return text, {}
    try:
        metadata = json.loads(match[1])
    except ValueError:
        return text, {}
    return text[: match.start()] + "\n", metadata


def check_length(text: str) -> None:
    """Refuse a body that GitHub would refuse, on every forge alike.

    Raises
    ------
    ModelopsError
        When the text is too long.
    """
    if len(text) > BODY_LIMIT:
        raise ModelopsError(f"the body of the pull request has {len(text)} characters, {BODY_LIMIT} are allowed")


def connect(settings: Settings, git: Git) -> Forge:
    """Return the forge that the platform settings name.

    Raises
    ------
    ModelopsError
        Without a remote `origin`, with one that does not fit the kind of forge, or without a token for GitHub.
    """
    if settings.forge.kind == "github":
        from modelops.core.github import GitHubForge

        return GitHubForge.from_environment(settings)
    return LocalForge(origin_folder(git))


def origin_folder(git: Git) -> Path:
    """Return the folder of the remote `origin`, which must be a repository on this disk.

    Raises
    ------
    ModelopsError
        When there is no `origin`, or when it is not on this disk.
    """
    done = git.run("remote", "get-url", "origin", check=False)
    address = done.stdout.strip()
    if done.returncode != 0 or not address:
        raise ModelopsError(
            "this repository has no remote named origin, so there is nowhere to open a pull request",
            hint="git init --bare ../origin.git && git remote add origin ../origin.git && git push origin HEAD",
        )
    folder = Path(unquote(urlsplit(address).path)) if address.startswith("file://") else git.root / address
    if not folder.is_dir():
        raise ModelopsError(
            f"origin is {address}, but the local forge needs a repository on this disk",
            hint="set forge: {kind: github} in modelops.yaml, or point origin at a bare repository",
        )
    return folder.resolve()


class LocalForge:
    """Pull requests beside a bare repository: `<bare>/pulls/<number>.json` for machines, `.md` for people."""

    def __init__(self, bare: Path) -> None:
        self.bare = bare
        self.git = Git(bare)

    @property
    def folder(self) -> Path:
        """Where the pull requests are."""
        return self.bare / "pulls"

    def open(
        self, branch: str, base: str, title: str, body: str, metadata: Mapping[str, Any] | None = None
    ) -> PullRequest:
        """Open a pull request for a pushed branch; the branch's open one is updated in place instead.

        Raises
        ------
        ModelopsError
            When branch or base is not in the repository, or when the body is too long.
        """
        check_length(pack(body, metadata))
        for name in (branch, base):
            if self.commit(name) is None:
                raise ModelopsError(f"branch {name} is not in {self.bare}", hint=f"git push origin {name}")
        found = self.find(branch)
        number = found.number if found and found.state == "open" else self._next()
        url = str(self.folder / f"{number}.md")
        return self._write(PullRequest(number, branch, base, title, body, "open", url, dict(metadata or {})))

    def find(self, branch: str) -> PullRequest | None:
        """Return the branch's open pull request, else its newest one, else None."""
        mine = [pull for pull in self.all() if pull.branch == branch]
        return max(mine, key=lambda pull: (pull.state == "open", pull.number), default=None)

    def close(self, number: int, note: str = "") -> PullRequest:
        """Close a pull request without merging it, after leaving a note."""
        pull = self.get(number)
        if pull.state != "open":
            return pull
        if note:
            self.comment(number, note)
        return self._write(replace(pull, state="closed"))

    def comment(self, number: int, text: str) -> None:
        """Say something on a pull request: a line in `<number>.comments.md`."""
        self.get(number)
        path = self.folder / f"{number}.comments.md"
        before = path.read_text(encoding="utf-8") + "\n---\n\n" if path.is_file() else ""
        write_atomic(path, f"{before}{text.strip()}\n")

    def merge(self, number: int) -> str:
        """Merge a pull request into its base with a merge commit, as the button on GitHub does.

        Returns
        -------
        str
            The merge commit.

        Raises
        ------
        ModelopsError
            When the pull request is not open, says that its gates failed, or does not merge cleanly.
        """
        pull = self.get(number)
        if pull.state != "open":
            raise ModelopsError(f"pull request {number} is {pull.state}")
        if pull.metadata.get("mergeable") is False:
            raise ModelopsError(f"pull request {number} is not mergeable: its gates failed", hint=pull.url)
        with tempfile.TemporaryDirectory(prefix="modelops-merge-") as folder:
            clone = Git(Path(folder))
            clone.run("clone", "--quiet", "--shared", "--branch", pull.base, str(self.bare), folder)
            message = f"Merge pull request #{number}: {pull.title}"
            done = clone.run("merge", "--quiet", "--no-ff", "-m", message, f"origin/{pull.branch}", check=False)
            if done.returncode != 0:
                raise ModelopsError(
                    f"pull request {number} does not merge into {pull.base}: {(done.stdout + done.stderr).strip()}",
                    hint="bring its branch up to date with its base",
                )
            clone.run("push", "--quiet", "origin", f"HEAD:{pull.base}")
            commit = clone.out("rev-parse", "HEAD")
        self._write(replace(pull, state="merged"))
        return commit

    def commit(self, branch: str) -> str | None:
        """Return the commit a branch points at, None when there is no such branch."""
        done = self.git.run("rev-parse", "--verify", "--quiet", f"refs/heads/{branch}^{{commit}}", check=False)
        return done.stdout.strip() or None

    def get(self, number: int) -> PullRequest:
        """Return one pull request.

        Raises
        ------
        ModelopsError
            When there is none with this number.
        """
        path = self.folder / f"{number}.json"
        if not path.is_file():
            raise ModelopsError(f"no pull request {number} in {self.folder}")
        return PullRequest(**json.loads(path.read_text(encoding="utf-8")))

    def all(self) -> Iterator[PullRequest]:
        """Yield every pull request, oldest first."""
        for number in sorted(int(path.stem) for path in self.folder.glob("*.json")):
            yield self.get(number)

    def _next(self) -> int:
        return max((int(path.stem) for path in self.folder.glob("*.json")), default=0) + 1

    def _write(self, pull: PullRequest) -> PullRequest:
        # The JSON last: a pull request exists from the moment its JSON does.
        write_atomic(self.folder / f"{pull.number}.md", f"# {pull.title}\n\n{pack(pull.body, pull.metadata)}")
        write_atomic(self.folder / f"{pull.number}.json", json.dumps(asdict(pull), indent=2, sort_keys=True) + "\n")
        return pull
