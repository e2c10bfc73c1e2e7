"""Everything that the tap can say is listed by `make sentences`, and reads well aloud."""

from __future__ import annotations

import re

from generate.sentences import sentences

FOREIGN = re.compile(
    r"^Whether\b|\b(that which|(?:is|are|was) asked for|but for|tells? of|is told|forbid to|goes? on)\b"
)
"""Words for which plain English has others."""


def test_every_kind_of_sentence_is_listed() -> None:
    """Errors, log lines, what commands print and ask, their help, and the settings."""
    found = sentences()
    for module, text in {
        "config/names.py": "Did you mean …?",
        "api/errors.py": "Log in again (tap-linkedin-dma login)",
        "config/settings.py": "Read nothing older than this date. Default: all posts, 360 days of analytics.",
        "commands/login/login.py": "The token is in ….",
        "tap.py": "stream_maps leaves out …, so nothing below it is read: …. Deselect … instead to read them.",
    }.items():
        assert text in found[module]
    assert any(text.startswith("Get an access token:") for text in found["commands/login/login.py"])


def test_no_sentence_is_foreign() -> None:
    """A user reads them in a hurry."""
    assert [text for texts in sentences().values() for text in texts if FOREIGN.search(text)] == []
