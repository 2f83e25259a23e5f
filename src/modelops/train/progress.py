"""A line that shows how far a search is, while a person watches."""

from __future__ import annotations

import sys

from modelops.core.console import in_actions


def show(done: int, total: int, text: str) -> None:
    """Write `done/total text` over the current line of a terminal; nothing anywhere else."""
    if sys.stderr.isatty() and not in_actions():
        end = "\r\033[K" if done >= total else ""
        sys.stderr.write(f"\r\033[K  search {done}/{total} {text}{end}")
        sys.stderr.flush()
