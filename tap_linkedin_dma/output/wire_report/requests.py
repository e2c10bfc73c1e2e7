"""The shape of a request: its parameters by name, and of each value only the type."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

import requests

from tap_linkedin_dma.output.wire_report.shapes import type_of
from tap_linkedin_dma.output.wire_report.words import Vocabulary

_METHODS = {"q": "FINDER", "bq": "BATCH_FINDER", "ids": "BATCH_GET"}
_MOST_ENTRIES = 3
_MOST_FIELDS = 50
_LONGEST_NUMBER = 20
_PUNCTUATION = re.compile("[(),]")


@dataclass(frozen=True)
class Asked:
    """The method and finder that a request names, and its parameters as they were sent."""

    method: str
    finder: str | None
    path: str
    parameters: tuple[tuple[str, str], ...]

    @classmethod
    def of(cls, request: requests.PreparedRequest) -> Asked:
        """Read a request."""
        url = urlsplit(request.url or "")
        body = request.body
        query = body.decode("ascii", "replace") if isinstance(body, bytes) else body or url.query
        parameters = tuple(part.partition("=")[::2] for part in str(query).split("&") if part)
        named = dict(parameters)
        marker = next((name for name in _METHODS if name in named), "")
        path = url.path.partition("/rest/")[2]
        plain = "GET_ALL" if {"start", "count"} & named.keys() else "GET"
        finder = unquote(named[marker]) if marker in ("q", "bq") else None
        return cls(_METHODS.get(marker, plain), finder, path, parameters)

    def shape(self, vocabulary: Vocabulary) -> Iterator[tuple[str, str]]:
        """Each parameter's printable name, and the shape of its value; the path's as `path`."""
        parts = [part for part in self.path.split("/") if part]
        yield "path", "/".join(part if _is_resource(part, vocabulary) else _shape(part, vocabulary) for part in parts)
        for name, value in self.parameters:
            if name not in ("q", "bq"):
                yield ".".join(map(vocabulary.printable, unquote(name).split("."))), _shape(value, vocabulary)


def _is_resource(part: str, vocabulary: Vocabulary) -> bool:
    return part.startswith(("dma", "member")) and vocabulary.printable(part) == part


def _shape(text: str, vocabulary: Vocabulary) -> str:
    """The shape of an encoded value.

    >>> _shape("List((start:1,end:1700000000000),urn%3Ali%3Ashare%3A1)", Vocabulary(["start", "end"]))
    'List((end:epoch_ms,start:int)|urn:share)'
    """
    if text.startswith("List(") and text.endswith(")"):
        entries = sorted({_shape(part, vocabulary) for part in _split(text[5:-1], _MOST_ENTRIES)})
        return f"List({'|'.join(entries)})"
    if text.startswith("(") and text.endswith(")"):
        pairs = [part.partition(":") for part in _split(text[1:-1])]
        shown = sorted((vocabulary.printable(unquote(name)), _shape(value, vocabulary)) for name, _, value in pairs)
        return f"({','.join(f'{name}:{value}' for name, value in shown)})"
    atom = unquote(text)
    kind = type_of(atom)
    if kind == "word" and atom in vocabulary.enum_words:
        return f"word {atom}"
    if atom in ("true", "false"):
        return "bool"
    if kind == "decimal text" and len(atom) < _LONGEST_NUMBER and "." not in atom:
        return type_of(int(atom))
    return kind


def _split(text: str, most: int = _MOST_FIELDS) -> list[str]:
    """The first parts between the commas that are in no brackets."""
    parts, depth, begin = [], 0, 0
    for found in _PUNCTUATION.finditer(text):
        depth += {"(": 1, ")": -1, ",": 0}[found[0]]
        if found[0] == "," and not depth:
            parts.append(text[begin : found.start()])
            begin = found.end()
            if len(parts) == most:
                return parts
    return [*parts, text[begin:]]


def kind_of(request: requests.PreparedRequest) -> tuple[str, str]:
    """The first parameter of a request, which is its finder or `ids`, and the path; without reading the rest."""
    path, _, query = (request.url or "").partition("?")
    if body := request.body:
        query = body.decode("ascii", "replace") if isinstance(body, bytes) else str(body)
    first = query.partition("&")[0]
    return ("ids" if first.startswith("ids=") else first if first.startswith(("q=", "bq=")) else "", path)
