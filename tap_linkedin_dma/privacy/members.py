"""What becomes of members in what leaves, by the setting `member_data`: pure functions on single values.

With `hash` a person is the HMAC-SHA256 of the person's id under the setting `member_hash_key`, in hex: the same for
`urn:li:person:X` and for the bare `X`, wherever it stands, so that rows still join. With `omit` a person is nothing.
Neither looks like an id of LinkedIn's.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

_COLON = "(?::|%(?:25)*3[Aa])"
_PERSON = rf"urn{_COLON}li{_COLON}(?:person|member){_COLON}(?P<id>[\w-]+)"
PERSON_URN = re.compile(_PERSON)
"""A person's URN, also percent-encoded; the group `id` holds what is the person's own."""

MENTION = re.compile(rf"@\[(?P<name>(?:\\.|(?!\]\()[^\\])*)\]\({_PERSON}\)")
"""A person in LinkedIn's little text, whose name stands before the URN; it may hold brackets that are not escaped."""

_URN = re.compile(r"urn:li:\w+:\S+")

OMITTED = "[member]"
"""What stands in a text where a member stood."""


def mark(config: Mapping[str, Any]) -> str:
    """The settings by which members and places are hidden, so short that no key can be told from it.

    >>> mark({"member_data": "omit", "drop_unsure_locations": False})
    'omit'
    """
    of_members = str(config["member_data"])
    if of_members == "hash":
        of_members += f":{hmac.digest(config['member_hash_key'].encode(), b'member_data', 'sha256').hex()[:6]}"
    return f"{of_members}, without locations" if config["drop_unsure_locations"] else of_members


class IncludeMembers:
    """Members as they are: the setting `include`."""

    hides = False
    """Whether anything is done to members at all."""

    def person(self, id_: str) -> str | None:
        """What stands for a person, told by the bare id."""
        return id_

    def text(self, text: str) -> str | None:
        """What stands for a text that is of a member."""
        return text

    def redact_text(self, text: str) -> str | None:
        """A text that is nobody's in particular, less the members in it."""
        return text

    def hides_key(self, key: str) -> bool:
        """Whether a text may not stand in a key."""
        return False


class HashMembers(IncludeMembers):
    """Members as keyed hashes: the setting `hash`.

    Args:
        key: the setting `member_hash_key`.
    """

    hides = True

    def __init__(self, key: str) -> None:
        self._key = key.encode()

    def person(self, id_: str) -> str:
        return hmac.digest(self._key, id_.encode(errors="surrogatepass"), "sha256").hex()

    def text(self, text: str) -> str:
        """A text that is a person's URN is that person; an empty one tells of nobody."""
        match = PERSON_URN.fullmatch(text)
        return self.person(match["id"] if match else text) if text else text

    def redact_text(self, text: str) -> str:
        if "urn" not in text:
            return text
        text = MENTION.sub(lambda match: "@[{0}]({0})".format(self.person(match["id"])), text)
        return PERSON_URN.sub(lambda match: self.person(match["id"]), text)


class OmitMembers(IncludeMembers):
    """Members left out: the setting `omit`."""

    hides = True

    def person(self, id_: str) -> None:
        return None

    def text(self, text: str) -> None:
        return None

    def redact_text(self, text: str) -> str | None:
        """Of a URN that holds a person's nothing is left: the rest of it may tell of whom it is."""
        if "urn" not in text or not PERSON_URN.search(text):
            return text
        return None if _URN.fullmatch(text) else PERSON_URN.sub(OMITTED, MENTION.sub(OMITTED, text))

    def hides_key(self, key: str) -> bool:
        return PERSON_URN.search(key) is not None


def visibility(row: Mapping[str, Any], columns: Iterable[str]) -> str | None:
    """Whether LinkedIn shows the member whom a row is of.

    Args:
        row: of the stream.
        columns: in which the member would stand, the most telling first.

    Returns:
        "visible", "withheld", or None where another than a member stands there, such as a page.
    """
    for column in columns:
        value = row[column]
        if isinstance(value, str):
            return "visible" if value.startswith("urn:li:person:") or PERSON_URN.search(value) else None
        if value and _holds_person(value):
            return "visible"
    return "withheld"


def _holds_person(value: object) -> bool:
    if isinstance(value, str):
        return "urn:li:" in value and PERSON_URN.search(value) is not None
    values = value.values() if isinstance(value, Mapping) else value
    return isinstance(values, Iterable) and any(map(_holds_person, values))


def member_policy(config: Mapping[str, Any]) -> IncludeMembers:
    """What the settings say is to become of members."""
    ways: Mapping[str, Callable[[], IncludeMembers]] = {
        "include": IncludeMembers,
        "hash": lambda: HashMembers(config["member_hash_key"]),
        "omit": OmitMembers,
    }
    return ways[config["member_data"]]()
