"""Every line of the log is masked as it leaves, whoever wrote it and in whichever form."""

from __future__ import annotations

import gc
import io
import json
import logging
import sys
import threading
from collections.abc import Callable, Iterator

import pytest
import requests
from singer_sdk.logging import ConsoleFormatter, StructuredFormatter

from tap_linkedin_dma.api.errors import TokenRejected
from tap_linkedin_dma.privacy import log_masking

SECRET = "invented-secret-1"
LONGER = "invented-secret-1-and-more"


@pytest.fixture(params=[ConsoleFormatter, StructuredFormatter, None])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[io.StringIO]:
    """What a library's logger with a handler of its own has written, for each form of the log."""
    # Those of other tests may be a part of these lines.
    monkeypatch.setattr(log_masking, "_secrets", set())
    log_masking.register_secret(SECRET, LONGER)
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    if request.param:
        handler.setFormatter(request.param())
    library = logging.getLogger("some.library")
    library.addHandler(handler)
    raises = logging.raiseExceptions
    log_masking.install()
    log_masking.install()
    yield stream
    logging.raiseExceptions = raises
    library.removeHandler(handler)


library = logging.getLogger("some.library")


@pytest.mark.parametrize(
    ("line", "kept", "gone"),
    [
        (f"secret={SECRET}&x=1", "secret=***&x=1", SECRET),
        (f"secret={LONGER}&x=1", "secret=***&x=1", "and-more"),
        ("send: 'Authorization: Bearer AQX.y-z_1'", "Authorization: ***'", "AQX"),
        ("Header: bearer AQX", "Header: ***", "AQX"),
        ("of urn:li:person:aB-_9 and more", "urn:li:person:*** and more", "aB-_9"),
        ("of urn:li:member:123 and more", "urn:li:member:*** and more", "123 and"),
        ("?ids=List(urn%3Ali%3Areaction%3A%28urn%3Ali%3Aperson%3AaB9%2C7%29)", "person%3A***%2C7%29", "aB9"),
        ("?next=urn%253Ali%253Aperson%253AaB9", "person%253A***", "aB9"),
        ("of urn:li:organization:42", "urn:li:organization:42", "***"),
    ],
)
def test_a_librarys_line_is_masked(written: io.StringIO, line: str, kept: str, gone: str) -> None:
    library.warning("%s", line)
    assert kept in written.getvalue()
    assert gone not in written.getvalue()


def raise_in_a_chain() -> None:
    try:
        raise KeyError("Robin Example")
    except KeyError as first:
        raise ValueError("not a number: Robin Example", {"name": "Robin Example"}) from first


def test_the_text_of_a_foreign_error_is_withheld_in_the_whole_chain(written: io.StringIO) -> None:
    """Where the line repeats it too; its types and places stay."""
    try:
        raise_in_a_chain()
    except ValueError as error:
        library.exception("failed: %s", error.args[0])
        library.exception("failed")
    assert "Robin" not in written.getvalue()
    assert written.getvalue().count("KeyError: its text is withheld") == 2
    assert written.getvalue().count("ValueError: its text is withheld") == 2
    assert f"{__file__}:" in written.getvalue()
    assert "in raise_in_a_chain" in written.getvalue()


def test_an_error_with_a_url_is_foreign_though_it_is_called_the_systems(written: io.StringIO) -> None:
    """That library derives its errors from OSError, and quotes the URL."""
    try:
        requests.get("http://127.0.0.1:9/rest/dmaPeople?ids=Robin", timeout=1)
    except requests.RequestException:
        library.exception("failed")
    assert "Robin" not in written.getvalue()
    assert "ConnectionError: its text is withheld" in written.getvalue()


@pytest.mark.parametrize(
    "error",
    [
        TokenRejected("LinkedIn refused the refresh token."),
        FileNotFoundError(2, "No such file", "state.json"),
        json.JSONDecodeError("Expecting value", "{", 1),
    ],
)
def test_an_error_that_quotes_nothing_keeps_its_text(written: io.StringIO, error: Exception) -> None:
    try:
        raise error
    except type(error):
        library.exception("failed")
    assert json.dumps(str(error))[1:-1] in written.getvalue() or str(error) in written.getvalue()


@pytest.fixture
def of_the_tap(written: io.StringIO) -> Iterator[io.StringIO]:
    """The same, of the tap's own logger."""
    tap = logging.getLogger("tap-linkedin-dma")
    tap.addHandler(library.handlers[-1])
    yield written
    tap.removeHandler(library.handlers[-1])


def end_python() -> None:
    try:
        raise_in_a_chain()
    except ValueError as error:
        sys.excepthook(ValueError, error, error.__traceback__)


def end_a_thread() -> None:
    thread = threading.Thread(target=raise_in_a_chain)
    thread.start()
    thread.join()


def end_a_thrown_object() -> None:
    class Leaves:
        def __del__(self) -> None:
            raise_in_a_chain()

    thrown = Leaves()
    del thrown
    gc.collect()


@pytest.mark.parametrize("end", [end_python, end_a_thread, end_a_thrown_object])
def test_what_nobody_catches_goes_the_same_way(
    of_the_tap: io.StringIO, capsys: pytest.CaptureFixture[str], end: Callable[[], None]
) -> None:
    """Python would print it past the log, with its text and the lines of code."""
    end()
    assert "ValueError: its text is withheld" in of_the_tap.getvalue()
    assert "in raise_in_a_chain" in of_the_tap.getvalue()
    assert "Robin" not in of_the_tap.getvalue() + capsys.readouterr().err


def test_a_thread_that_exits_says_nothing(of_the_tap: io.StringIO) -> None:
    thread = threading.Thread(target=sys.exit)
    thread.start()
    thread.join()
    assert of_the_tap.getvalue() == ""


def test_a_line_that_cannot_be_formatted_is_not_printed_with_its_values(
    written: io.StringIO, capsys: pytest.CaptureFixture[str]
) -> None:
    """Python would print them past every handler."""
    # Not by the test's own handlers, which make an error of it.
    library.propagate = False
    try:
        library.warning("%d followers", "Robin Example")
    finally:
        library.propagate = True
    assert "Robin" not in written.getvalue() + capsys.readouterr().err


def test_a_short_text_is_no_secret() -> None:
    """It would be masked in the middle of words."""
    log_masking.register_secret("in", "", None, 7)
    assert log_masking.mask("a line in a log") == "a line in a log"
