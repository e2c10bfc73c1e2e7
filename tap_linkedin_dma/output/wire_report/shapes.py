"""The shape of JSON values, merged value by value: types, presence, and nothing of a value itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tap_linkedin_dma.api import urns
from tap_linkedin_dma.output.wire_report.expected import Expectation
from tap_linkedin_dma.output.wire_report.words import ENUMS, URN_TYPES, WITHHELD, Vocabulary

_DEEPEST = 12
_MOST_ALIASES = 256
_MOST_FIELDS = 200
_MOST_ITEMS = 20
_A_WORD = re.compile(r"[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*")
_A_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:T\d\d:\d\d.*)?")
_A_DECIMAL = re.compile(r"-?\d+(?:\.\d+)?")
_URL = re.compile(r"https?://", re.IGNORECASE)
_EPOCH_MS = range(10**12, 4 * 10**12)
"""From 2001 to 2096."""

BUCKETS = ("1", "2-9", "10-99", "100+")


def bucket(number: int) -> str:
    """A number that says nothing exact.

    >>> [bucket(number) for number in (1, 9, 10, 5000)]
    ['1', '2-9', '10-99', '100+']
    """
    return BUCKETS[min(len(str(number)) - 1, 2) + 1] if number > 1 else BUCKETS[0]


def type_of(value: object) -> str:
    """The type of a value, refined for texts and numbers.

    >>> [type_of(value) for value in ("urn:li:share:1", "urn:li:secret:1", "2026-01-01", "DRAFT", "12.5", "Hi", 7)]
    ['urn:share', 'urn', 'date', 'word', 'decimal text', 'text', 'int']
    """
    if isinstance(value, str):
        return _type_of_text(value)
    if isinstance(value, bool):
        return "bool"
    if isinstance(value, int):
        return "epoch_ms" if value in _EPOCH_MS else "int"
    if isinstance(value, float):
        return "number"
    if isinstance(value, list):
        return "array"
    return "null" if value is None else "object"


def _type_of_text(text: str) -> str:
    if text.startswith("urn:li:"):
        kind = urns.urn_type(text)
        return f"urn:{kind}" if kind in URN_TYPES else "urn"
    if _URL.match(text):
        return "url"
    if _A_DATE.fullmatch(text):
        return "date"
    if _A_DECIMAL.fullmatch(text):
        return "decimal text"
    return "word" if _A_WORD.fullmatch(text) else "text"


class Shape:
    """All values met at one place of an answer.

    Args:
        path: of the place, with withheld names.
        expected: by this release; None if it does not know the place.
        vocabulary: of names that may be printed.
        is_known: whether this release knows the place, or one around it whose inside nobody has documented.
    """

    def __init__(
        self, path: str, expected: Expectation | None, vocabulary: Vocabulary, *, is_known: bool = True
    ) -> None:
        self.path = path
        self.expected = expected
        self.is_known = is_known
        self.types: set[str] = set()
        self.words: set[str] = set()
        """Words of an enumeration that this release knows."""

        self.has_new_word = False
        self.misfits: set[str] = set()
        """Types of values that the column cannot hold."""

        self.objects = 0
        """Values that were objects."""

        self.present = 0
        """Objects around it that had it."""

        self.fields: dict[str, Shape] = {}
        self.items: Shape | None = None
        self._vocabulary = vocabulary
        self._aliases: dict[str, Shape] = {}
        name = re.split(r"[.\[\]{}]+", path.rstrip("[]{}"))[-1]
        self._enum = (expected and expected.words) or ENUMS.get(name)

    def visit(self, value: Any, depth: int = 0) -> None:
        """Merge one value in."""
        kind = type_of(value)
        if kind not in self.types:
            self.types.add(kind)
            if self.expected and not self.expected.fits(value):
                self.misfits.add(kind)
        if self._enum and isinstance(value, str):
            if value in self._enum:
                self.words.add(value)
            else:
                self.has_new_word = True
        elif kind == "word" and value in self._vocabulary.enum_words:
            self.words.add(value)
        elif kind == "object":
            self.objects += 1
            if depth < _DEEPEST:
                for name, inner in value.items():
                    child = self._aliases.get(name) or self._child(name)
                    child.present += 1
                    child.visit(inner, depth + 1)
        elif kind == "array" and value and depth < _DEEPEST:
            if self.items is None:
                # A list in place of something else is a difference, and its items are none of their own.
                self.items = Shape(f"{self.path}[]", self.expected and self.expected.items, self._vocabulary)
            for inner in value[:_MOST_ITEMS]:
                self.items.visit(inner, depth + 1)

    def all(self) -> Iterator[tuple[Shape, Shape | None]]:
        """This place and all inside it, each with the object around it."""
        for name in sorted(self.fields):
            yield self.fields[name], self
            yield from self.fields[name].all()
        if self.items is not None:
            yield self.items, None
            yield from self.items.all()

    def _child(self, name: str) -> Shape:
        place = self.expected.inner(name) if self.expected else None
        if self.expected and self.expected.values and not place:
            shape = self._field("{}", self.expected.values)
        elif place:
            shape = self._field(self._vocabulary.printable(name), place)
        else:
            shape = self._field(self._vocabulary.printable(name), None)
        if len(self._aliases) < _MOST_ALIASES:
            self._aliases[name] = shape
        return shape

    def _field(self, shown: str, expected: Expectation | None) -> Shape:
        if shown not in self.fields and len(self.fields) >= _MOST_FIELDS:
            shown, expected = WITHHELD, None
        if shown not in self.fields:
            path = f"{self.path}{{}}" if shown == "{}" else f"{self.path}.{shown}".lstrip(".")
            # Inside a place that is unknown itself, open, or no object, nothing is a difference of its own.
            is_inside = self.expected is None or self.expected.is_open or not self.expected.has_names
            is_known = expected is not None or is_inside
            self.fields[shown] = Shape(path, expected, self._vocabulary, is_known=is_known)
        return self.fields[shown]
