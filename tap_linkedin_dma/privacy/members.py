"""Members in emitted values, by the settings `member_data` and `forget_members`: pure functions on single values.

With `hash` a person becomes the HMAC-SHA256 of the person's id under the setting `member_hash_key`, in hex: the same
for `urn:li:person:X` and for the bare `X`, in every place, so that rows still join. With `omit` a person is removed.
Neither looks like an id of LinkedIn's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache, partial
from typing import Any

from tap_linkedin_dma.privacy.persons import (
    PERSON,
    PERSON_URN,
    PROFILE_LINK,
    id_of,
    keep_out_value,
    keyed_hash,
    names_nobody,
)

MENTION = re.compile(rf"@\[(?P<name>(?:\\.|(?!\]\()[^\\])*)\]\({PERSON}\)", re.IGNORECASE)
"""A person in LinkedIn's little text: the name, which may hold brackets that are not escaped, then the URN."""

_URN = re.compile(r"urn:li:\w+:\S+", re.IGNORECASE)

OMITTED = "[member]"
"""The replacement for a member in a text."""

_LONGEST_ID = 64
_MOST_KNOWN = 100_000
"""Persons of whom it is remembered whether they are forgotten: a hash takes a microsecond or two."""


def mark(config: Mapping[str, Any]) -> str:
    """The settings that hide members, as a text too short to reveal a key.

    >>> mark({"member_data": "omit"})
    'omit'
    """
    key = config.get("member_hash_key")
    return f"{config['member_data']}:{keyed_hash('member_data', key)[:6]}" if key else str(config["member_data"])


class IncludeMembers:
    """Members as they are: the setting `include`."""

    hides = False
    """Whether members are changed at all."""

    hides_all = False
    """Whether every member is hidden, and with the member all that comes from one."""

    drops_unknown = False
    """Whether an object of which nobody knows what is in it is left out."""

    def is_hidden(self, id_: str) -> bool:
        """Whether a person is hidden, given the bare id."""
        return self.hides_all

    def person(self, id_: str) -> str | None:
        """The value emitted for a person who is hidden, given the bare id."""
        return id_

    def text(self, text: str) -> str | None:
        """The value emitted for a text of a member's."""
        return text

    def description(self, text: str) -> str | None:
        """The value emitted for a text that describes a person who is hidden."""
        return text

    def redact_text(self, text: str) -> str | None:
        """A text of nobody in particular, with the members in it redacted."""
        return text

    def names_hidden(self, text: str) -> bool:
        """Whether a text names a person who is hidden, by a URN."""
        return False


class _HideMembers(IncludeMembers):
    """Members who are hidden are replaced, wherever a text names them."""

    hides = True

    def redact_text(self, text: str) -> str | None:
        """The text without persons; if they leave nothing, a URN that contains one is dropped: the rest may tell who.

        Links to profiles and posts have another id of the person, so none of those that are forgotten is known by it.
        """
        if names_nobody(text):
            return text
        if self.names_hidden(text):
            if self.person("") is None and _URN.fullmatch(text):
                return None
            text = PERSON_URN.sub(self._without_person, MENTION.sub(self._without_mention, text))
        return PROFILE_LINK.sub(self._without_profile, text) if self.hides_all else text

    def names_hidden(self, text: str) -> bool:
        return not names_nobody(text) and any(self.is_hidden(id_of(match)) for match in PERSON_URN.finditer(text))

    def _without_person(self, match: re.Match[str]) -> str:
        id_ = id_of(match)
        return (self.person(id_) or OMITTED) if self.is_hidden(id_) else match[0]

    def _without_mention(self, match: re.Match[str]) -> str:
        id_ = id_of(match)
        if not self.is_hidden(id_):
            return match[0]
        person = self.person(id_)
        return f"@[{person}]({person})" if person else OMITTED

    def _without_profile(self, match: re.Match[str]) -> str:
        return f"{match['before']}{self.person(match['who'].casefold()) or OMITTED}"


class HashMembers(_HideMembers):
    """Members as keyed hashes: the setting `hash`.

    Args:
        key: the setting `member_hash_key`.
    """

    hides_all = True

    def __init__(self, key: str) -> None:
        self._key = key
        # The same person stands in several columns of a row.
        self._person = lru_cache(maxsize=_MOST_KNOWN)(partial(keyed_hash, key=key))

    def person(self, id_: str) -> str:
        return self._person(id_)

    def text(self, text: str) -> str:
        """The hash of a member's text; a person's URN gives that person's hash, and an empty text stays."""
        if match := None if names_nobody(text) else PERSON_URN.fullmatch(text):
            return self.person(id_of(match))
        return keyed_hash(text, self._key) if text else text

    description = text


class OmitMembers(_HideMembers):
    """Members left out: the setting `omit`."""

    hides_all = drops_unknown = True

    def person(self, id_: str) -> None:
        return None

    def text(self, text: str) -> str | None:
        return None

    def description(self, text: str) -> None:
        return None


class ForgetMembers(OmitMembers):
    """Single members left out: the setting `forget_members`.

    Args:
        values: those that `erase` prints; see `keep_out_value`.
        key: the setting `member_hash_key`, if it is set.
    """

    hides_all = drops_unknown = False

    def __init__(self, values: Iterable[str], key: str | None) -> None:
        self._values = frozenset(value.strip().lower() for value in values)
        self._keys = (None, key) if key else (None,)
        self._known: dict[str, bool] = {}

    def is_hidden(self, id_: str) -> bool:
        if id_ not in self._known:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[id_] = any(keep_out_value(id_, key) in self._values for key in self._keys)
        return self._known[id_]

    def text(self, text: str) -> str | None:
        """A text of a member's own, who need not be one of them."""
        return self.redact_text(text)

    def is_of_hidden(self, value: object) -> bool:
        """Whether a value names one of them, at any depth, also by a bare id."""
        if isinstance(value, str):
            return self.names_hidden(value) or (len(value) <= _LONGEST_ID and self.is_hidden(value))
        if isinstance(value, Mapping):
            return any(self.names_hidden(name) or self.is_of_hidden(child) for name, child in value.items())
        return isinstance(value, list) and any(map(self.is_of_hidden, value))


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
        return not names_nobody(value) and PERSON_URN.search(value) is not None
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
