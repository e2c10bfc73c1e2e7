"""The names by which a row's texts mention members: plain words, which only their place or a bracket marks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tap_linkedin_dma.privacy.members import MENTION
from tap_linkedin_dma.privacy.persons import PERSON_URN, id_of

_STARTS = frozenset(["start", "offset", "startIndex", "begin", "from", "position"])
_LENGTHS = frozenset(["length", "len", "size"])
_ENDS = frozenset(["end", "endIndex", "stop", "to"])
_PAIRS = frozenset(["indices", "range", "span"])
_BODIES = frozenset(["text", "commentary", "message", "comment", "body"])
"""Names of the texts that attributes beside them are most likely about."""

_ESCAPE = re.compile(r"\\([|{}@\[\]()<>#\\*_~])")
_NOT_WRITTEN = re.compile(r"urn:\S+|https?://\S+|[A-Z0-9_]+|\d{4}-\d\d-\d\d\S*|[0-9a-f-]+")
"""Texts that nobody has written: URNs, links, constants, times, digests."""

Named = Iterator[tuple[str, str]]
"""Names, each with the person's id."""


@dataclass(frozen=True)
class _Span:
    """The place of a mention in a text: from `start` to before `stop`."""

    start: int
    stop: int
    id_: str

    def names(self, text: str) -> set[str]:
        """The words there: LinkedIn does not say whether it counts an emoji as one or as two."""
        twos = text.encode("utf-16-le", "surrogatepass")[2 * self.start : 2 * self.stop].decode("utf-16-le", "ignore")
        return {name.strip() for name in (text[self.start : self.stop], twos) if name.strip()}


def mentioned(row: Mapping[str, Any]) -> Named:
    """The names by which the texts of a row mention members, at any depth.

    A name is marked in LinkedIn's little text, or by attributes that say where it stands in a text near them.

    >>> list(mentioned({"text": "Hi Jo", "attributes": [{"start": 3, "length": 2, "of": "urn:li:person:x"}]}))
    [('Jo', 'x')]
    """
    texts: list[tuple[str, str]] = []
    spans: list[_Span] = []
    yield from _mentioned_below(row, texts, spans)
    yield from _resolved(texts, spans)


def _mentioned_below(value: Any, texts: list[tuple[str, str]], spans: list[_Span]) -> Named:
    """The names in the parts of a value; its texts, by name, and the spans whose text is not found are added."""
    for name, child in value.items() if isinstance(value, dict) else (("", item) for item in value):
        if isinstance(child, (dict, list)) and (of_name := PERSON_URN.search(name)):
            spans += _spans_of(child, id_of(of_name))
        if isinstance(child, str):
            if "@[" in child:
                yield from ((_ESCAPE.sub(r"\1", match["name"]), id_of(match)) for match in MENTION.finditer(child))
            texts.append((name, child))
        elif isinstance(child, list):
            yield from _mentioned_below(child, texts, spans)
        elif isinstance(child, dict):
            spans += _spans(child)
            inner: list[tuple[str, str]] = []
            lost: list[_Span] = []
            yield from _mentioned_below(child, inner, lost)
            if lost:
                yield from _resolved(inner, lost)
            # A text may be one level deeper than its attributes.
            texts += [(name if below in ("value", "") else below, text) for below, text in inner]
            spans += lost


def _resolved(texts: list[tuple[str, str]], spans: list[_Span]) -> Named:
    """The names at these spans, which are removed from the list if a text is long enough."""
    for span in list(spans):
        long_enough = [
            (name, text)
            for name, text in texts
            if len(text.encode("utf-16-le", "surrogatepass")) >= 2 * span.stop and not _NOT_WRITTEN.fullmatch(text)
        ]
        likely = [text for name, text in long_enough if name in _BODIES] or [text for _, text in long_enough]
        if likely:
            spans.remove(span)
        yield from ((name, span.id_) for text in likely for name in sorted(span.names(text)))


def _spans(value: Mapping[str, Any]) -> list[_Span]:
    """The places that an attribute gives, in itself or in a value of its own, if it is a person's."""
    places = _places(value)
    id_ = _person_in(value) if places else None
    return [] if id_ is None else [_Span(start, stop, id_) for start, stop in places]


def _spans_of(value: Any, id_: str) -> list[_Span]:
    """The places that are given under a person's URN."""
    items = value if isinstance(value, list) else [value]
    return [_Span(*place, id_) for item in items if isinstance(item, dict) for place in _places(item)]


def _places(value: Mapping[str, Any]) -> list[tuple[int, int]]:
    """Where parts of a text begin and stop, by an attribute's numbers or those in its values."""
    within = [value, *(child for child in value.values() if isinstance(child, dict))]
    pairs = [(_number(one, _STARTS), _number(one, _LENGTHS), _number(one, _ENDS)) for one in within]
    places = [
        (start, stop)
        for start, length, end in pairs
        if start is not None and (stop := end if length is None else start + length) is not None
    ]
    return places + [
        (pair[0], pair[1])
        for name in _PAIRS & value.keys()
        if isinstance(pair := value[name], list) and len(pair) == 2 and all(type(number) is int for number in pair)
    ]


def _number(value: Mapping[str, Any], names: frozenset[str]) -> int | None:
    for name in names & value.keys():
        number = value.get(name)
        if isinstance(number, str) and number.isdecimal():
            return int(number)
        if isinstance(number, int) and not isinstance(number, bool):
            return number
    return None


def _person_in(value: Any) -> str | None:
    """The id of the first person whom a value names."""
    if isinstance(value, str):
        match = PERSON_URN.search(value)
        return id_of(match) if match else None
    items = [*value, *value.values()] if isinstance(value, dict) else value if isinstance(value, list) else ()
    return next((id_ for item in items if (id_ := _person_in(item)) is not None), None)


def replace_words(value: Any, names: Mapping[str, str]) -> Any:
    """A value whose texts have other words for these names; the value itself if that changes nothing."""
    # The longest first: a family's name may be a part of it.
    found = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    words = re.compile(rf"(?<!\w)(?:{found})(?!\w)")

    def replace(text: str) -> str:
        return text if _NOT_WRITTEN.fullmatch(text) else words.sub(lambda match: names[match[0]], text)

    return _replaced(value, replace)


def _replaced(value: Any, replace: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        left = replace(value)
        return value if left == value else left
    if isinstance(value, dict):
        children = {name: _replaced(child, replace) for name, child in value.items()}
        return children if any(children[name] is not value[name] for name in children) else value
    if isinstance(value, list):
        items = [_replaced(item, replace) for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
