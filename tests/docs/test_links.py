"""Every link and every file that a document names leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
_LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\((?P<target>[^)\s]+)\)|!\[[^\]]*\]\((?P<image>[^)\s]+)\)")
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def documents() -> list[Path]:
    """Return the Markdown files that people wrote; a model card or a fixture is none of them."""
    folders = ("docs", ".github", "data", "argocd")
    return sorted([*ROOT.glob("*.md"), *(path for folder in folders for path in (ROOT / folder).glob("**/*.md"))])


def targets(path: Path) -> list[str]:
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    return [match["target"] or match["image"] for match in _LINK.finditer(text)]


def anchors(path: Path) -> set[str]:
    """Return the anchors that GitHub makes of a document's headings."""
    text = _FENCE.sub("", path.read_text(encoding="utf-8"))
    headings = re.findall(r"^#{1,6} +(.+?)\s*$", text, re.MULTILINE)
    return {
        re.sub(r"[^\w\- ]", "", re.sub(r"[`*]", "", heading)).strip().lower().replace(" ", "-") for heading in headings
    }


def broken(path: Path) -> list[str]:
    found = []
    for target in targets(path):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        file = (path.parent / name).resolve() if name else path
        if (
            not file.exists()
            or not file.is_relative_to(ROOT)
            or (anchor and file.suffix == ".md" and anchor not in anchors(file))
        ):
            found.append(target)
    return found


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_links_lead_somewhere(path: Path) -> None:
    assert broken(path) == []


def test_linked_files_are_tracked() -> None:
    if not (ROOT / ".git").exists():
        pytest.skip("not a git repository")
    listing = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True, text=True).stdout
    tracked = set(listing.split("\0"))
    for path in documents():
        for target in targets(path):
            file = (path.parent / target.partition("#")[0]).resolve()
            if not re.match(r"[a-z]+:", target) and file.is_file():
                assert file.relative_to(ROOT).as_posix() in tracked, f"{path.name}: {target}"


def test_a_broken_link_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.modules[__name__], "ROOT", tmp_path)
    (tmp_path / "there.md").write_text("# A heading, `really`\n", encoding="utf-8")
    document = tmp_path / "document.md"
    document.write_text(
        "[a](there.md#a-heading-really) [b](there.md#no) [c](nowhere.md) [d](../out) [e](https://x.y)\n"
    )
    assert broken(document) == ["there.md#no", "nowhere.md", "../out"]
