"""What a LinkedIn URN says about itself."""

from __future__ import annotations

import re

_URN = re.compile(r"urn:li:(\w+):(.+)", re.DOTALL)
_TRAILING_NUMBER = re.compile(r"(\d+)\)?$")
_CREATION_BITS = 22


def kind(urn: str) -> str:
    """The kind of entity, or "" for what is no URN.

    >>> kind("urn:li:comment:(urn:li:activity:71,900)")
    'comment'
    """
    match = _URN.fullmatch(urn)
    return match[1] if match else ""


def key(urn: str) -> str:
    """All that follows the kind.

    >>> key("urn:li:organization:42")
    '42'
    """
    match = _URN.fullmatch(urn)
    return match[2] if match else urn


def created_ms(urn: str) -> int | None:
    """When a share, ugcPost, activity or repost was made, which its number tells.

    >>> created_ms("urn:li:share:7200000000000000001")
    1716613769531

    Returns:
        Epoch milliseconds, or None where the URN ends in no number.
    """
    match = _TRAILING_NUMBER.search(urn)
    return int(match[1]) >> _CREATION_BITS if match else None
