"""Reads the tap's JSON input files: an object, or a sentence that says what is wrong with the file.

No sentence quotes a file: settings are secret, and a state may be anyone's.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import IO, Any, NoReturn

from tap_linkedin_dma.api.errors import InputRejected


def read_file(what: str, path: str) -> dict[str, Any]:
    """The JSON object in a file.

    Args:
        what: the file in words, such as "settings file".
        path: where it is.

    Raises:
        InputRejected: if it is missing, or not a JSON object.
    """
    try:
        raw = Path(path).read_bytes()
    except OSError as fault:
        msg = f"The {what} {path} cannot be read ({fault.strerror})."
        raise InputRejected(msg) from None
    return parsed(f"{what} {path}", raw)


def read_stream(what: str, stream: IO[str], advice: str) -> dict[str, Any]:
    """The JSON object in an open file; see `parsed`."""
    return parsed(what, read_bytes(stream), advice)


def read_bytes(stream: IO[str]) -> bytes:
    """The bytes of an open file, whatever encoding it was opened with."""
    binary = getattr(stream, "buffer", None)
    raw: bytes = binary.read() if binary else stream.read().encode(errors="surrogatepass")
    return raw


def parsed(what: str, raw: bytes, advice: str = "") -> dict[str, Any]:
    """The JSON object in a text.

    Args:
        what: the text in words.
        raw: in UTF-8, with a byte order mark or without.
        advice: a sentence on what to do about any other text.

    Raises:
        InputRejected: if it is not a JSON object.
    """
    try:
        return _object(raw)
    except _NoObjectError as error:
        msg = f"The {what} {error}. {advice}".rstrip()
        raise InputRejected(msg) from None


class _NoObjectError(Exception):
    """The text is not a JSON object; the message says why."""


def _object(raw: bytes) -> dict[str, Any]:
    text = ""
    try:
        text = raw.decode("utf-8-sig")
        found = json.loads(text, parse_constant=_refuse)
    except UnicodeDecodeError:
        msg = "is not encoded in UTF-8: save it as UTF-8"
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        msg = (
            f"is not valid JSON at {where}: look there for a missing part or an extra comma"
            if text.strip()
            else "is empty"
        )
    except (ValueError, RecursionError):
        msg = "is not JSON that can be read: a number is out of range, or it is nested too deeply"
    else:
        if isinstance(found, dict):
            return found
        msg = "is not a JSON object"
    raise _NoObjectError(msg)


def is_text(value: object) -> bool:
    """Whether all texts in a JSON value can be encoded: JSON may hold half of a character that was cut in two."""
    try:
        json.dumps(value, ensure_ascii=False, default=str).encode()
    except UnicodeEncodeError:
        return False
    return True


def _refuse(_: str) -> NoReturn:
    msg = "JSON has no such number."
    raise ValueError(msg)
