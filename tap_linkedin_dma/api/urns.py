"""The parts of a LinkedIn URN, and the creation time in its number."""

from __future__ import annotations

import re

_URN = re.compile(r"urn:li:(\w+):(.+)", re.DOTALL)
_TRAILING_NUMBER = re.compile(r"(\d+)\)?$")
_CREATION_BITS = 22
_LINKEDIN_BEGAN_MS = 1_051_747_200_000
"""The 1st of May 2003: a number with an earlier time holds no time."""

_KINDS_WITH_TIME = ("share", "ugcPost", "activity", "instantRepost")


def urn_type(urn: str) -> str:
    """The kind of entity, or "" if the text is not a URN.

    >>> urn_type("urn:li:comment:(urn:li:activity:71,900)")
    'comment'
    """
    match = _URN.fullmatch(urn)
    return match[1] if match else ""


def key(urn: str) -> str:
    """The part after the kind.

    >>> key("urn:li:organization:42")
    '42'
    """
    match = _URN.fullmatch(urn)
    return match[2] if match else urn


def other_spellings(urn: str) -> list[str]:
    """A post's URN with the other kind that its number may have: shares and ugcPosts share one numbering.

    >>> other_spellings("urn:li:share:71"), other_spellings("urn:li:comment:(urn:li:activity:71,9)")
    (['urn:li:ugcPost:71'], [])
    """
    other = {"share": "ugcPost", "ugcPost": "share"}.get(urn_type(urn))
    return [f"urn:li:{other}:{key(urn)}"] if other else []


def created_ms(urn: str) -> int | None:
    """When a share, ugcPost, activity or instant repost was created, from its number.

    >>> created_ms("urn:li:share:7200000000000000001")
    1716613769531

    Returns:
        Epoch milliseconds, or None for another kind, or a URN that ends in no number.
    """
    match = _TRAILING_NUMBER.search(urn) if urn_type(urn) in _KINDS_WITH_TIME else None
    when = int(match[1]) >> _CREATION_BITS if match else 0
    return when if when >= _LINKEDIN_BEGAN_MS else None
