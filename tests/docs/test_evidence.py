"""The evidence of wire reports: each counts once, and only its names and types are kept."""

from __future__ import annotations

from pathlib import Path

import pytest

from generate import evidence
from tap_linkedin_dma.api.errors import InputRejected
from tap_linkedin_dma.output.wire_report import document
from tap_linkedin_dma.output.wire_report.document import Entry, Report
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.feed.posts import Posts


def entry(status: str, *differences: tuple[str, str]) -> Entry:
    """The posts of a report."""
    return Entry(
        *("posts", "dmaPosts", "BATCH_GET", ""), ["202605"], {}, {status: "1"}, "2-9", differences=list(differences)
    )


def written(folder: Path, name: str, *entries: Entry) -> Path:
    """A report's file."""
    document.write(Report("1.0", list(entries)), folder / name)
    return folder / name


def test_reports_confirm_a_stream(tmp_path: Path) -> None:
    """A stream that LinkedIn has answered is confirmed, by as many reports as there are; the same one counts once."""
    one = written(tmp_path, "one.json", entry("200", ("new field", "results{}.topic")))
    other = written(tmp_path, "other.json", entry("200"))
    found = evidence.add(evidence.add({}, [one, one]), [one, other])
    assert len(found) == 2
    rows = evidence.by_stream(found).splitlines()
    assert "| `posts` | confirmed | 2 | 202605 | new field: results{}.topic (1) |" in rows
    assert [stream.name for stream in STREAMS if evidence.level_of(stream, found) == "confirmed"] == ["posts"]


def test_a_refusal_confirms_nothing(tmp_path: Path) -> None:
    """Nor does a report of the sandbox's kind before anyone has sent one."""
    found = evidence.add({}, [written(tmp_path, "refused.json", entry("403 ACCESS_DENIED"))])
    assert evidence.level_of(Posts, found) == Posts.evidence


def test_a_file_that_is_no_report_is_refused(tmp_path: Path) -> None:
    """Whoever sends it may have put anything into it: a text that no report has, too."""
    path = written(tmp_path, "one.json", entry("200"))
    path.write_text(path.read_text().replace("dmaPosts", "<script>"))
    with pytest.raises(InputRejected, match="is no wire report"):
        evidence.add({}, [path])
