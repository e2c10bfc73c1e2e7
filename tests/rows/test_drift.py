"""Answers that are not as LinkedIn documents them: the record arrives whole, and one warning names the field."""

from __future__ import annotations

import json
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tests.support.plain import PlainLinkedIn, read, urn_of
from tests.support.runs import run

SPEECH = "\U0001f469\u200d\U0001f680 \u202e\u05e9\u05dc\u05d5\u05dd\u202c \u0645\u0631\u062d\u0628\u0627"
"""An astronaut of three characters, Hebrew between marks of direction, and Arabic."""

MEMBER = "urn:li:person:invented-Xy9"


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    """The lines on fields, with their levels."""
    marks = ("New fields from LinkedIn", "does not fit its column")
    lines = [(record.levelname, record.getMessage()) for record in caplog.records]
    return [f"{level} {text}" for level, text in lines if any(mark in text for mark in marks)]


def posts(linkedin: PlainLinkedIn, **fields: Any) -> list[dict[str, Any]]:
    """The rows of two posts with these fields."""
    for days in (1, 2):
        linkedin.add_post(urn_of(days), **fields)
    rows = read(linkedin, {"posts"}).records["posts"]
    assert len(rows) == 2
    return rows


NEW = "INFO New fields from LinkedIn, kept in `unmapped`: {} (posts)."
MISFIT = "WARNING posts: LinkedIn's {} does not fit its column; `unmapped` has it."


@pytest.mark.parametrize(
    ("fields", "line"),
    [
        ({"mood": "glad"}, NEW.format("mood")),
        ({"mood": {MEMBER: 1}}, NEW.format("mood")),
        # No name.
        ({MEMBER: 1}, NEW),
        ({"publishedAt": "soon"}, MISFIT.format("publishedAt")),
        ({"content": [MEMBER]}, MISFIT.format("content")),
        ({"created": {"time": {"at": 5}, "actor": MEMBER}}, MISFIT.format("created.time")),
        ({"lifecycleState": {"name": MEMBER}}, MISFIT.format("lifecycleState")),
    ],
)
def test_one_line_names_the_field(
    linkedin: PlainLinkedIn, caplog: pytest.LogCaptureFixture, fields: dict[str, Any], line: str
) -> None:
    """Not one for each record, and never the value, which may be a member; the value stands in `unmapped`.

    A new field is normal, and said at the end; a value that has become another is not.
    """
    caplog.set_level("INFO")
    rows = posts(linkedin, **fields)
    assert [row["unmapped"] for row in rows] == [fields, fields]
    assert told(caplog) == [line]
    assert MEMBER not in caplog.text


@pytest.mark.parametrize(
    ("fields", "columns"),
    [
        ({"lifecycleState": "DREAMT_OF"}, {"lifecycle_state": "DREAMT_OF"}),
        ({"visibility": None}, {"visibility": None}),
        ({"publishedAt": "1772000000000"}, {"published_at": "2026-02-25T06:13:20.000+00:00"}),
        ({"commentary": SPEECH}, {"text": SPEECH}),
        pytest.param({"commentary": "é" * 2**20}, {"text": "é" * 2**20}, id="a megabyte"),
    ],
)
def test_what_fits_arrives_without_a_word(
    linkedin: PlainLinkedIn, caplog: pytest.LogCaptureFixture, fields: dict[str, Any], columns: dict[str, Any]
) -> None:
    """Whole and exact."""
    for row in posts(linkedin, **fields):
        assert {name: row[name] for name in columns} == columns
        assert row["unmapped"] is None
    assert told(caplog) == []


def test_ids_of_nineteen_digits_stay_exact(linkedin: PlainLinkedIn) -> None:
    """Beyond what a float holds, as a number, as text, and deep in what has no column."""
    number = 7_999_999_999_999_999_999
    comment = linkedin.add_comments(linkedin.add_post(urn_of(1)), 1)[0]
    linkedin.entities["dmaComments"][comment] = {"id": number, "new": {"number": number, "text": str(number)}}
    (row,) = read(linkedin, {"comments"}).records["comments"]
    assert str(number) == str(row["id"])
    assert row["unmapped"] == {"new": {"number": number, "text": str(number)}}


def test_streams_of_which_little_is_known_do_not_tell_of_new_fields(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    """All of theirs are new."""
    caplog.set_level("INFO")
    result = run(sandbox, select={"organizations", "notifications", "message_threads", "live_videos"})
    assert "futureField" in json.dumps(result.records["message_threads"])
    assert told(caplog) == ["INFO New fields from LinkedIn, kept in `unmapped`: futureField (organizations)."]


def test_nothing_of_a_commentary_is_lost(linkedin: PlainLinkedIn) -> None:
    """Of an object: what is no text, stands beside the text, or has the name of a column."""
    commentary = {"text": {"plain": "said"}, "tone": "glad", "attributes": [1]}
    for row in posts(linkedin, commentary=commentary, commentaryAttributes=["own"]):
        assert row["commentary"] is None
        assert json.dumps(row).count('"own"') == 1
        assert row["unmapped"]["commentary"] == commentary
