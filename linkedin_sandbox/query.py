"""Reads and writes RAW Rest.li 2.0 text: structure must stand bare, everything else percent-encoded.

The text is read before any decoding, so a comma that was sent as ``%2C`` is part of a value and one that was sent
bare separates two. A value is a ``str``, a ``list`` or a ``dict`` of values.

Source: https://linkedin.github.io/rest.li/spec/protocol
"""

from __future__ import annotations

import re
from urllib.parse import quote, unquote_to_bytes

from .errors import Refusal, illegal

Value = str | list["Value"] | dict[str, "Value"]

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.]*")
PRIMITIVE = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")
EMPTY = "''"


def read_query(raw: str) -> dict[str, Value]:
    """The parameters of a raw query string.

    >>> read_query("q=author&ids=List(urn%3Ali%3Ashare%3A1,2)&locale=(language:en,country:US)")
    {'q': 'author', 'ids': ['urn:li:share:1', '2'], 'locale': {'language': 'en', 'country': 'US'}}

    Raises:
        Refusal: 400, for anything that is not strictly Rest.li 2.0.
    """
    parameters: dict[str, Value] = {}
    for part in raw.split("&") if raw else []:
        name, equals, text = part.partition("=")
        if not equals or not NAME.fullmatch(name):
            raise illegal(f"Cannot read query part '{part}'")
        if name in parameters:
            raise illegal(f"Parameter '{name}' is given more than once", name)
        parameters[name] = read_value(text, name)
    return parameters


def read_value(text: str, name: str) -> Value:
    """One value, whole: nothing may follow it."""
    reader = _Reader(text, name)
    value = reader.value()
    if reader.at != len(text):
        raise reader.refusal()
    return value


def read_key(segment: str) -> Value:
    """The key of a path, such as ``urn%3Ali%3AorganizationalPage%3A42`` or ``(id:42)``; raw colons are refused."""
    value = read_value(segment, "key")
    if isinstance(value, list):
        raise illegal("The path key must be a single value")
    return value


def write(value: Value) -> str:
    """A value as raw Rest.li 2.0 text.

    >>> write(["urn:li:share:1", {"a": "b"}])
    'List(urn%3Ali%3Ashare%3A1,(a:b))'
    """
    if isinstance(value, list):
        return f"List({','.join(map(write, value))})"
    if isinstance(value, dict):
        return f"({','.join(f'{write(key)}:{write(entry)}' for key, entry in value.items())})"
    return re.sub(r"[()',:]", lambda match: f"%{ord(match[0]):X}", quote(value, safe="")) or EMPTY


class _Reader:
    """A cursor over the raw text of one parameter."""

    def __init__(self, text: str, name: str) -> None:
        self.text = text
        self.name = name
        self.at = 0

    def refusal(self) -> Refusal:
        """LinkedIn's answer to text that cannot be read from here on."""
        found = f"'{self.text[self.at]}'" if self.at < len(self.text) else "the end"
        return illegal(f"Parameter '{self.name}' is malformed: unexpected {found} at position {self.at}", self.name)

    def take(self, literal: str) -> bool:
        if not self.text.startswith(literal, self.at):
            return False
        self.at += len(literal)
        return True

    def expect(self, literal: str) -> None:
        if not self.take(literal):
            raise self.refusal()

    def value(self) -> Value:
        if self.take("List("):
            return self.items()
        if self.take("("):
            return self.record()
        return self.primitive()

    def items(self) -> list[Value]:
        found = [self.value()]
        while self.take(","):
            found.append(self.value())
        self.expect(")")
        return found

    def record(self) -> dict[str, Value]:
        found: dict[str, Value] = {}
        while True:
            key = self.primitive()
            if key in found:
                raise illegal(f"Parameter '{self.name}' names the key '{key}' more than once", self.name)
            self.expect(":")
            found[key] = self.value()
            if self.take(")"):
                return found
            self.expect(",")

    def primitive(self) -> str:
        if self.take(EMPTY):
            return ""
        match = PRIMITIVE.match(self.text, self.at)
        if match is None:
            raise self.refusal()
        self.at = match.end()
        try:
            return unquote_to_bytes(match[0]).decode("utf-8")
        except UnicodeDecodeError as error:
            raise illegal(f"Parameter '{self.name}' is not UTF-8", self.name) from error
