from __future__ import annotations

from pathlib import Path

import pytest
from watched_model import rows, spec

from modelops.drift.report import SAMPLE, write


@pytest.mark.slow
def test_a_page_is_written_from_a_sample_without_sensitive_columns(tmp_path: Path) -> None:
    old, new = rows(SAMPLE + 1000), rows(1500, seed=1, warmer=30)
    old["temp"] = old["temp"].astype(object).where(old.index > 3, None)
    page = write(spec(), old, new, tmp_path / "reports" / "drift.html")
    assert page is not None
    text = page.read_text(encoding="utf-8")
    assert '"column_name": "temp"' in text
    assert '"column_name": "origin"' in text
    assert "passenger" not in text
    assert "alicia" not in text
    assert [path.name for path in page.parent.iterdir()] == ["drift.html"]


def test_without_a_column_to_show_there_is_no_page(tmp_path: Path) -> None:
    frame = rows(1200)
    for name in ("temp", "hour", "origin"):
        frame[name] = None
    assert write(spec(), frame, frame, tmp_path / "drift.html") is None
    assert not list(tmp_path.iterdir())
