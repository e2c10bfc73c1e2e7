"""Keeps tokens and members out of the log, whoever writes it.

The tap does not log them; libraries may, and so may the text of an unexpected error. So every line is masked as it
is written: known secrets and members' URNs are replaced, and an error that is not the tap's own is logged by its type
and traceback alone, since its text may hold a record.
"""

from __future__ import annotations

import copy
import json
import logging
import os
import re
import sys
import threading
import traceback
from collections.abc import Iterator
from types import TracebackType
from typing import TYPE_CHECKING

from singer_sdk.exceptions import ConfigValidationError, StreamMapConfigError

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.privacy.persons import PERSON_URN, PROFILE_LINK

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_MASK = "***"

_SHORTEST = 6
"""Characters; a shorter text is no secret of LinkedIn's, and occurs in too many words."""

_BEARER = re.compile(r"Bearer\b(?:\s+[\w.~+/=-]+)?", re.IGNORECASE)

_SAFE_TO_LOG = (DmaError, ConfigValidationError, StreamMapConfigError, json.JSONDecodeError)
"""Errors whose text holds no data from LinkedIn."""

_secrets: set[str] = set()


def register_secret(*secrets: object) -> None:
    """Mask these texts in the log from now on."""
    _secrets.update(text for text in secrets if isinstance(text, str) and len(text) >= _SHORTEST)


def mask(text: str) -> str:
    """A text without the secrets that are known, and without members.

    >>> mask("GET /rest/dmaReactions?ids=List(urn%3Ali%3Areaction%3A%28urn%3Ali%3Aperson%3Ax1%2C7%29)")
    'GET /rest/dmaReactions?ids=List(urn%3Ali%3Areaction%3A%28urn%3Ali%3Aperson%3A***%2C7%29)'
    """
    # The longest first: one secret may be the beginning of another.
    for secret in sorted(_secrets, key=len, reverse=True):
        text = text.replace(secret, _MASK)
    return _BEARER.sub(_MASK, PROFILE_LINK.sub(rf"\g<before>{_MASK}", PERSON_URN.sub(_masked, text)))


def _masked(match: re.Match[str]) -> str:
    return f"{match[0][: match.start('id') - match.start()]}{_MASK}"


class Masking(logging.Formatter):
    """Formats a line as another formatter does, and masks it.

    Args:
        inner: that formatter.
    """

    def __init__(self, inner: logging.Formatter) -> None:
        super().__init__()
        self._inner = inner

    def format(self, record: logging.LogRecord) -> str:
        if record.exc_info and record.exc_info[1]:
            record = _without_texts(record, record.exc_info[1])
        return mask(self._inner.format(record))


class Plain(logging.Formatter):
    """Formats a line for a person who has typed a command: without the time, and where it comes from."""

    def format(self, record: logging.LogRecord) -> str:
        return f"{'Error' if record.levelno >= logging.ERROR else record.levelname.capitalize()}: {record.getMessage()}"


def use_plain_lines() -> None:
    """Format everything that is logged from now on for a person, unless the user has configured the log."""
    for handler in handlers():
        if type(handler) is logging.StreamHandler and "SINGER_SDK_LOG_CONFIG" not in os.environ:
            handler.setFormatter(Masking(Plain()))


def handlers() -> Iterator[logging.Handler]:
    """The handlers of all loggers."""
    loggers = [logger for logger in logging.root.manager.loggerDict.values() if isinstance(logger, logging.Logger)]
    for logger in (logging.root, *loggers):
        yield from logger.handlers


def install() -> None:
    """Mask everything that is logged from now on, uncaught exceptions included."""
    for handler in handlers():
        if not isinstance(handler.formatter, Masking):
            handler.setFormatter(Masking(handler.formatter or logging.Formatter()))
    sys.excepthook = _log
    threading.excepthook = _log_of_thread
    sys.unraisablehook = _log_unraisable
    # A line that cannot be formatted would be printed with its arguments.
    logging.raiseExceptions = False


def _log(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    logging.getLogger("tap-linkedin-dma").critical("%s", kind.__name__, exc_info=(kind, error, trace))


def _log_of_thread(ended: threading.ExceptHookArgs) -> None:
    # SystemExit ends a thread silently, as in Python itself.
    if ended.exc_value and not isinstance(ended.exc_value, SystemExit):
        _log(ended.exc_type, ended.exc_value, ended.exc_traceback)


def _log_unraisable(met: UnraisableHookArgs) -> None:
    """Log an exception that no code can catch, such as one raised while an object is deleted."""
    if met.exc_value:
        _log(met.exc_type, met.exc_value, met.exc_traceback)


def _without_texts(record: logging.LogRecord, error: BaseException) -> logging.LogRecord:
    """The same line with the traceback of its error, and without the error's text."""
    message = record.getMessage()
    texts = [text for one in _chain(error) if not _is_telling(one) for text in (str(one), *map(str, one.args)) if text]
    if any(text in message for text in texts):
        message = type(error).__name__
    changed = copy.copy(record)
    changed.msg, changed.args = f"{message}\n{_format_traceback(error)}", ()
    changed.exc_info = changed.exc_text = None
    return changed


def _is_telling(error: BaseException) -> bool:
    # The operating system's own errors, not those that libraries derive from them: requests' hold URLs.
    of_the_system = isinstance(error, OSError) and type(error).__module__ == "builtins"
    return isinstance(error, _SAFE_TO_LOG) or of_the_system


def _format_traceback(error: BaseException) -> str:
    """The traceback as Python prints it, oldest error first, without the errors' texts and the lines of code."""
    told = []
    for one in reversed(list(_chain(error))):
        told.append("Traceback, the last call at its end:")
        told += [
            f"  {frame.filename}:{frame.lineno} in {frame.name}" for frame in traceback.extract_tb(one.__traceback__)
        ]
        told.append(f"{type(one).__name__}: {one if _is_telling(one) else 'its text is withheld, as it may hold data'}")
    return "\n".join(told)


def _chain(error: BaseException) -> Iterator[BaseException]:
    seen: set[int] = set()
    following: BaseException | None = error
    while following is not None and id(following) not in seen:
        seen.add(id(following))
        yield following
        following = following.__cause__ or (None if following.__suppress_context__ else following.__context__)
