"""Members in emitted values, by the setting `member_data`: pure functions on single values.

With `hash` a person becomes the HMAC-SHA256 of the person's id under the setting `member_hash_key`, in hex: the same
for `urn:li:person:X` and for the bare `X`, in every place, so that rows still join. With `omit` a person is removed.
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
"""A person's URN, also percent-encoded; the group `id` is the person's id."""

MENTION = re.compile(rf"@\[(?P<name>(?:\\.|(?!\]\()[^\\])*)\]\({_PERSON}\)")
"""A person in LinkedIn's little text: the name, which may hold brackets that are not escaped, then the URN."""

_URN = re.compile(r"urn:li:\w+:\S+")

OMITTED = "[member]"
"""The replacement for a member in a text."""


def mark(config: Mapping[str, Any]) -> str:
    """The settings that hide members and places, as a text too short to reveal a key.

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
    """Whether members are changed at all."""

    def person(self, id_: str) -> str | None:
        """The value emitted for a person, given the bare id."""
        return id_

    def text(self, text: str) -> str | None:
        """The value emitted for a text of a member's."""
        return text

    def redact_text(self, text: str) -> str | None:
        """A text of nobody in particular, with the members in it redacted."""
        return text

    def hides_key(self, key: str) -> bool:
        """Whether a text may not be part of a key."""
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
        """The hash of a member's text; a person's URN gives that person's hash, and an empty text stays."""
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
        """The text without persons; a URN that contains a person is dropped, since the rest may identify the person."""
        if "urn" not in text or not PERSON_URN.search(text):
            return text
        return None if _URN.fullmatch(text) else PERSON_URN.sub(OMITTED, MENTION.sub(OMITTED, text))

    def hides_key(self, key: str) -> bool:
        return PERSON_URN.search(key) is not None


def visibility(row: Mapping[str, Any], columns: Iterable[str]) -> str | None:
    """Whether LinkedIn shows the member to whom a row belongs.

    Args:
        row: of the stream.
        columns: those that may name the member, the most reliable first.

    Returns:
        "visible", "withheld", or None if they name another than a member, such as a page.
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
    """The policy for members, by the settings."""
    ways: Mapping[str, Callable[[], IncludeMembers]] = {
        "include": IncludeMembers,
        "hash": lambda: HashMembers(config["member_hash_key"]),
        "omit": OmitMembers,
    }
    return ways[config["member_data"]]()
