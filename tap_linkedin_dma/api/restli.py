"""Rest.li 2.0 on the wire: writes query values, reads keys.

Source: https://linkedin.github.io/rest.li/spec/protocol
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import quote, unquote


def encode(value: object) -> str:
    """Write one value the way a Rest.li 2.0 server reads it.

    Punctuation that builds the structure stays bare; punctuation inside a string is
    percent-encoded, so a comma in a URN can never split a list.

    >>> encode(["urn:li:share:1"])
    'List(urn%3Ali%3Ashare%3A1)'
    >>> encode({"timeRange": {"start": 1, "end": 2}, "timeGranularityType": "DAY"})
    '(timeRange:(start:1,end:2),timeGranularityType:DAY)'

    Args:
        value: a str, int or bool, or a mapping or sequence of them, to any depth. An
            entry of a mapping that is None is left out.

    Returns:
        ASCII text, ready for the URL: do not encode it again.

    Raises:
        TypeError: for anything else; a bare None is a mistake in the caller.
        ValueError: for an empty sequence; nothing to ask for means no request.
    """
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        # An empty string would vanish between two commas: the protocol writes it as ''.
        # Half of a character that was cut in two has no form in UTF-8.
        return quote(value, safe="", errors="replace") or "''"
    if isinstance(value, Mapping):
        return f"({','.join(f'{encode(k)}:{encode(v)}' for k, v in value.items() if v is not None)})"
    if isinstance(value, Sequence) and not isinstance(value, (bytes, bytearray)):
        if not value:
            msg = "An empty list asks for nothing: no request should be made."
            raise ValueError(msg)
        return f"List({','.join(map(encode, value))})"
    msg = f"Rest.li has no form for {type(value).__name__}."
    raise TypeError(msg)


def query(params: Mapping[str, object]) -> str:
    """Write a query string; a parameter that is None is left out.

    >>> query({"q": "author", "author": "urn:li:organization:42", "start": None})
    'q=author&author=urn%3Ali%3Aorganization%3A42'
    """
    return "&".join(f"{name}={encode(value)}" for name, value in params.items() if value is not None)


def decode_key(text: str) -> str:
    """Read a key of a BATCH_GET answer, which may or may not be percent-encoded.

    >>> decode_key("urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29")
    'urn:li:comment:(urn:li:activity:1,2)'
    """
    return unquote(text)
