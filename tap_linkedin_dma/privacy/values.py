"""Redaction of values that nobody has documented: texts, lists and objects, at any depth.

An object that holds a member's URN is about that member, so that its texts are hidden too: names, an address, a
headline, words that the member wrote. URNs of other things, constants, times, numbers and flags stay in it.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Any

from tap_linkedin_dma.api.json_paths import to_snake_case
from tap_linkedin_dma.privacy import places
from tap_linkedin_dma.privacy.members import IncludeMembers
from tap_linkedin_dma.privacy.persons import names_nobody

Transform = Callable[[Any], Any]

_NOTHING: Mapping[str, Transform] = {}

_FIELD = re.compile(r"[$~*!]?[a-z][\w$.~*]*|[A-Z][A-Z0-9_]*|urn:li:\S+")
"""Names of LinkedIn's fields. In a member's value any other may be the member's own: an address, a name."""

_HEADING = re.compile(r"[^@\d]*")
"""Headings of LinkedIn's exports, in any language."""

_DESCRIPTIONS = frozenset(
    [
        "address",
        "avatar",
        "bio",
        "birthday",
        "city",
        "company",
        "email",
        "employer",
        "firstname",
        "fullname",
        "headline",
        "image",
        "lastname",
        "mail",
        "mobile",
        "name",
        "occupation",
        "phone",
        "photo",
        "picture",
        "surname",
        "telephone",
        "text",
        "title",
        "vanity",
    ]
)
"""Last words of names whose value describes a person in any form: a constant, a number, the URN of a picture."""

_REACHES = re.compile(r"(^|_)(phone|mobile|telephone|fax|e?mail|birth)", re.ASCII)
_OF_A_PERSON = re.compile(r"(member|person|profile|user|public)\w*(id|identifier|urn)", re.IGNORECASE)
_TELLS_NOTHING = re.compile(r"urn:li:\S+|[A-Z][A-Z0-9]*(_[A-Z0-9]+)*|\d{4}-\d\d-\d\d(T\S+)?|")
"""Texts beside a person that do not describe one: URNs of other things, constants, times."""

_STAMPS = ("created", "lastModified")
_OF_A_STAMP = frozenset(["actor", "impersonator", "time", "at"])
"""Who did something, and when: what has such a stamp is not about that member."""


class ValueRedactor:
    """Redacts values without a class of their own.

    Args:
        policy: for members.
        drops_unsure: the setting `drop_unsure_locations`.
        drop_names: drops the names of places from a value.
    """

    def __init__(
        self, policy: IncludeMembers, *, drops_unsure: bool = False, drop_names: Transform = places.without_names
    ) -> None:
        self._members = policy
        self._drops_unsure = drops_unsure
        self.drop_names = drop_names

    def text(self, text: str) -> str | None:
        """A text of nobody in particular, with the members in it redacted."""
        if self._drops_unsure and places.is_place(text):
            return None
        if text.lstrip()[:1] in ("{", "[", '"') and self._members.hides and not names_nobody(text):
            return self._json(text)
        return self._members.redact_text(text)

    def free(self, value: Any) -> Any:
        """A value of nobody in particular, with the members in it redacted; the value itself if nothing changes."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, (dict, list)):
            return self._nameless(self.drop_names(value))
        return value

    def _nameless(self, value: Any) -> Any:
        """As `free`, of a value without names of places."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return self._object(value, _NOTHING)
        if not isinstance(value, list):
            return value
        is_about = self._members.hides and any(map(self._refers, value))
        items = [
            self._described("", item) if is_about and isinstance(item, str) else self._nameless(item) for item in value
        ]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value

    def object(self, value: Mapping[str, Any], declared: Mapping[str, Transform]) -> Any:
        """An object with each value redacted; the object itself if that changes nothing.

        Args:
            value: the object.
            declared: the redaction of each declared property.
        """
        return self._object(self.drop_names(value), declared)

    def _object(self, named: Mapping[str, Any], declared: Mapping[str, Transform]) -> Any:
        is_about = self._members.hides and any(
            self._refers(child) for name, child in named.items() if name not in _STAMPS
        )
        left: dict[str, Any] = {}
        for name, child in named.items():
            if child is None:
                new = None
            elif self._members.hides and name[-1:] == "~" and self._holds(named.get(name[:-1])):
                new = self.hidden(child)
            elif self._members.names_hidden(name):
                new = self._described("text" if isinstance(child, str) else "", child)
            elif name in declared:
                new = declared[name](child)
            else:
                new = self._described(name, child) if is_about and not self._refers(child) else self._nameless(child)
            rename = self._hidden_name if is_about else self._name
            left[rename(name, len(left))] = new
        is_same = len(left) == len(named) and all(name in named and left[name] is named[name] for name in left)
        return named if is_same else left

    def hidden_object(self, value: Mapping[str, Any], declared: Mapping[str, Transform], *, headings: bool) -> Any:
        """A member's object, of which the declared properties have redactions of their own.

        Args:
            value: the object.
            declared: these redactions, by name.
            headings: whether the other properties are named by the headings of an export.
        """
        known = _HEADING if headings else _FIELD
        return {
            name if name in declared else self._hidden_name(name, place, known): None
            if child is None
            else declared.get(name, self.hidden)(child)
            for place, (name, child) in enumerate(self.drop_names(value).items())
        }

    def hidden(self, value: Any) -> Any:
        """A member's value, reduced to hashes and the names of its properties; None if nothing is left."""
        if isinstance(value, str):
            return self._members.description(value)
        if isinstance(value, list):
            return [left for item in value if (left := self.hidden(item)) is not None] or None
        if isinstance(value, dict):
            left = {
                self._hidden_name(name, place): self.hidden(child) for place, (name, child) in enumerate(value.items())
            }
            return {name: child for name, child in left.items() if child is not None} or None
        return None

    def _json(self, text: str) -> str | None:
        """A text that may be JSON, redacted as what it stands for."""
        try:
            value = json.loads(text)
        except (ValueError, RecursionError):
            return self._members.redact_text(text)
        left = self.free(value)
        return text if left is value else json.dumps(left, ensure_ascii=False)

    def _refers(self, value: Any) -> bool:
        """Whether a value is the URN of a member who is hidden, alone or in a list, or an object that describes nobody.

        Such an object has nothing else, or constants, times, numbers and flags.
        """
        if isinstance(value, str):
            urn = value.strip()
            return urn[:3] in ("urn", "URN", "Urn") and " " not in urn and self._members.names_hidden(urn)
        if isinstance(value, list):
            return any(map(self._refers, value))
        if not isinstance(value, dict) or (len(value) > 1 and value.keys() <= _OF_A_STAMP):
            return False
        others = [child for child in value.values() if not self._refers(child)]
        return len(others) < len(value) and all(map(_describes_nobody, others))

    def _holds(self, value: Any) -> bool:
        """Whether a value names a member who is hidden, at any depth."""
        if isinstance(value, str):
            return self._members.names_hidden(value)
        values = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
        return any(map(self._holds, values))

    def _described(self, name: str, value: Any) -> Any:
        """A value beside a member's URN, less what describes the member."""
        if _describes(name):
            return self.hidden(value)
        if isinstance(value, str):
            if self._members.names_hidden(value):
                return self.text(value)
            return value if _describes_nobody(value) else self._members.description(value)
        if isinstance(value, list):
            return [self._described("", item) for item in value]
        if isinstance(value, dict):
            return {
                self._hidden_name(inner, place): self._described(inner, child)
                for place, (inner, child) in enumerate(value.items())
            }
        return value

    def _name(self, name: str, place: int) -> str:
        """The redacted name of a property, which may hold a member's URN."""
        if not self._members.hides or names_nobody(name):
            return name
        left = self._members.redact_text(name)
        return f"member {place}" if left is None else left

    def _hidden_name(self, name: str, place: int, known: re.Pattern[str] = _FIELD) -> str:
        """The name of a property of a member's value, which may be the member's own word."""
        left = self._name(name, place)
        if left is not name or known.fullmatch(name):
            return left
        return self._members.description(name) or f"member {place}"


def _describes_nobody(value: Any) -> bool:
    """Whether a value beside a member's URN is no description of the member: a number, a flag, a constant."""
    return (
        _TELLS_NOTHING.fullmatch(value) is not None if isinstance(value, str) else not isinstance(value, (dict, list))
    )


@lru_cache(maxsize=4096)
def _describes(name: str) -> bool:
    """Whether what is named like this, beside a member's URN, describes the member."""
    words = to_snake_case(name)
    last = words.rpartition("_")[2]
    return (
        last in _DESCRIPTIONS
        or last.removesuffix("s") in _DESCRIPTIONS
        or _REACHES.search(words) is not None
        or _OF_A_PERSON.fullmatch(name) is not None
    )
