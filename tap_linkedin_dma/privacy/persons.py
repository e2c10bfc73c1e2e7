"""How LinkedIn names a person: by a URN, by the id in it, and by links to a profile or to a person's post."""

from __future__ import annotations

import hashlib
import hmac
import re
from urllib.parse import unquote

_COLON = "(?::|%(?:25)*3A)"
_SLASH = r"(?:/|\\/|%(?:25)*2F)"
_SIGN = r"(?:[.~=]|%(?:25)*(?:2E|3D|7E))"
"""A character that an id may have inside; a full stop ends a sentence too."""

PERSON = (
    rf"urn{_COLON}li{_COLON}(?:person|member|fsd?_\w*(?:profile|member)\w*){_COLON}"
    rf"(?:\(|%(?:25)*28)?(?P<id>[\w-]+(?:{_SIGN}+[\w-]+)*(?:=|%(?:25)*3D){{0,2}})"
)
PERSON_URN = re.compile(PERSON, re.IGNORECASE)
"""A person's URN, in any case, also percent-encoded, also that of the profile; the group `id` is the person's id."""

PROFILE_LINK = re.compile(
    rf"(?P<before>linkedin\.com{_SLASH}(?:(?:comm|m|mwlite){_SLASH})?"
    rf"(?:(?:in|pub|posts|pulse|sales{_SLASH}(?:lead|people)|(?:talent|recruiter){_SLASH}profile"
    rf"|today{_SLASH}author|learning{_SLASH}instructors){_SLASH}"
    rf"|profile{_SLASH}view(?:\?|%(?:25)*3F)(?:[^\s#\"'<>]*?(?:&|%(?:25)*26))?id(?:=|%(?:25)*3D)))"
    r"(?P<who>[^\s/\\?#&\"'<>|,;()\[\]{}]+?)"
    r"(?=-(?:activity|share|ugcpost)-\d|[\s/\\?#&\"'<>|,;()\[\]{}]|$)",
    re.IGNORECASE,
)
"""A link to a profile or to a post; the group `who` names the person, of a post also its first words."""


def names_nobody(text: str) -> bool:
    """Whether a text plainly names no person; most texts are like this."""
    return not ("urn" in text or "inked" in text or "URN" in text or "Urn" in text or "INKED" in text)


def id_of(match: re.Match[str]) -> str:
    """The person's id in a match of `PERSON_URN`, without percent-encoding."""
    id_ = match["id"]
    while "%" in id_:
        id_ = unquote(id_)
    return id_


def keyed_hash(id_: str, key: str) -> str:
    """The HMAC-SHA256, in hex, of a person's id: `member_data: hash` writes it in place of the person."""
    return hmac.digest(key.encode(), id_.encode(errors="surrogatepass"), "sha256").hex()


def keep_out_value(id_: str, key: str | None) -> str:
    """The value of a person in the setting `forget_members`, from which the id cannot be computed with a key.

    >>> keep_out_value("abc", None) == hashlib.sha256(b"urn:li:person:abc").hexdigest()
    True

    Args:
        id_: the person's id: what follows `urn:li:person:` or `urn:li:member:`.
        key: the setting `member_hash_key`, if it is set.

    Returns:
        64 hex digits. With a key it is also what `member_data: hash` writes in place of the person.
    """
    return keyed_hash(id_, key) if key else hashlib.sha256(f"urn:li:person:{id_}".encode()).hexdigest()
