"""Merges the shapes of all requests and answers of a run, cheaply."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import requests

from tap_linkedin_dma.api.json_bodies import Body, mapping
from tap_linkedin_dma.api.versions import KNOWN_VERSIONS
from tap_linkedin_dma.output.wire_report.document import Entry, Field
from tap_linkedin_dma.output.wire_report.expected import Expectation, ExpectedStream
from tap_linkedin_dma.output.wire_report.requests import Asked, kind_of
from tap_linkedin_dma.output.wire_report.shapes import Shape, bucket
from tap_linkedin_dma.output.wire_report.words import CODES, WITHHELD, Vocabulary

_FIRST = 8
"""Requests of a kind whose parameters and envelopes are looked at, before only samples of them are."""

_WHOLE = 20
"""Entities of a kind of request that are looked at whole, before only samples of them are."""

_STEP = 256
"""Of so many entities one is looked at whole after that, and each that has a field not met before."""

_KEYS_STEP = 8
"""Of so many entities the field names of one are compared with those met before, in long listings."""

_OK = 200
_MEMBER_VERSION = "202312"
_STYLES = {
    "cursor": ("cursor",),
    "offset": ("next link", "total"),
    "none": (),
}
"""The ways of paging that answers may show, by a stream's `paging`."""


class Exchange:
    """Everything observed of one kind of request: of a stream, a resource, a method and a finder.

    Args:
        expected: of the stream; None for requests of no stream.
        resource: the name in the URL.
        asked: the first request.
        vocabulary: of names that may be printed.
    """

    def __init__(self, expected: ExpectedStream | None, resource: str, asked: Asked, vocabulary: Vocabulary) -> None:
        self.expected = expected
        self.resource = resource
        self.method = asked.method
        self.finder = asked.finder
        self.statuses: Counter[str] = Counter()
        self.versions: set[str] = set()
        self.parameters: dict[str, set[str]] = {}
        self.paging: set[str] = set()
        self._is_accepted = False
        self.odd: set[str] = set()
        """Types of bodies that are no object."""

        self.is_of_rows = expected is not None and resource == expected.resource
        entity = expected.entity if expected and self.is_of_rows else None
        self._vocabulary = vocabulary
        self.envelope = Shape("", _ENVELOPE, vocabulary)
        self.entity = Shape(_ENTITY_PATHS.get(asked.method, ""), entity, vocabulary)
        self._met: set[str] = set()
        self._asked = 0
        self._is_sample = False
        self.entities = 0

    def add(self, request: requests.PreparedRequest, status: str, body: object, *, is_answer: bool) -> None:
        """Merge one request and its answer in.

        Args:
            request: as sent.
            status: the answer's, with LinkedIn's code.
            body: the parsed JSON.
            is_answer: whether it was what was asked for.
        """
        self.statuses[status] += 1
        self._asked += 1
        self._is_sample = self._asked <= _FIRST or not self._asked % _STEP or not is_answer
        if self._is_sample:
            version = request.headers.get("LinkedIn-Version")
            self.versions.add(version if version in (*KNOWN_VERSIONS, _MEMBER_VERSION) else "another")
            if is_answer and not self._is_accepted:
                # Only the forms that LinkedIn accepts are of use, if it accepts any.
                self._is_accepted = True
                self.parameters.clear()
            for name, shape in Asked.of(request).shape(self._vocabulary) if is_answer or not self._is_accepted else ():
                self.parameters.setdefault(name, set()).add(shape)
        if not status.startswith(str(_OK)):
            return
        if isinstance(body, Mapping):
            self._add_body(body, is_answer=is_answer)
        else:
            self.odd.add("array" if isinstance(body, list) else "no JSON" if body is None else "no object")

    def _add_body(self, body: Body, *, is_answer: bool) -> None:
        if self.method == "GET" and "elements" not in body:
            self._add_entities([body])
            return
        if self._is_sample:
            self.envelope.visit({name: value for name, value in body.items() if name not in ("elements", "results")})
        if self._is_sample or not {"cursor", "next link"} & self.paging:
            self.paging.update(_paging(body))
        listed = body.get("results") if self.method == "BATCH_GET" else body.get("elements")
        if isinstance(listed, Mapping) and self.method == "BATCH_GET":
            self._add_entities(list(listed.values()))
        elif isinstance(listed, dict) and is_answer and self.method == "FINDER":
            # A page of a member's snapshot has one element at most, which may come without a list around it.
            self._add_entities([listed])
        elif not isinstance(listed, list):
            self.odd.add(f"{'results' if self.method == 'BATCH_GET' else 'elements'} of another type")
        elif self.method == "BATCH_FINDER":
            for listing in map(mapping, listed):
                inner = listing.get("elements")
                self.paging.update(_paging(listing))
                self._add_entities(inner if isinstance(inner, list) else [])
        else:
            self._add_entities(listed)

    def _add_entities(self, entities: Sequence[Any]) -> None:
        begun, self.entities = self.entities, self.entities + len(entities)
        if begun < _WHOLE:
            for entity in entities[: _WHOLE - begun]:
                self._visit(entity)
            entities = entities[_WHOLE - begun :]
        if not entities:
            return
        for entity in entities[-begun % _STEP :: _STEP]:
            self._visit(entity)
        step = _KEYS_STEP if len(entities) >= _KEYS_STEP**2 else 1
        compared = [entity for entity in entities[begun % step :: step] if isinstance(entity, dict)]
        if not self._met.issuperset(set().union(*compared)):
            for entity in compared:
                if not self._met.issuperset(entity):
                    self._visit(entity)

    def _visit(self, entity: object) -> None:
        self.entity.visit(entity)
        if isinstance(entity, dict) and len(self._met) < _STEP:
            self._met.update(entity)

    # The entry of the report

    def entry(self, forms: Mapping[str, int]) -> Entry:
        """The entry of the report, without any value.

        Args:
            forms: the number of the fallback that LinkedIn accepts, by parameter.
        """
        fallbacks = dict(forms) if self.is_of_rows or self.method == "FINDER" else {}
        return Entry(
            stream=self.expected.name if self.expected else "",
            resource=self._vocabulary.printable(self.resource),
            method=self.method,
            finder=self._vocabulary.printable(self.finder) if self.finder else "",
            versions=sorted(self.versions),
            parameters={name: sorted(shapes) for name, shapes in sorted(self.parameters.items())},
            fallbacks=fallbacks,
            answers={status: bucket(number) for status, number in sorted(self.statuses.items())},
            paging=sorted(self.paging),
            sample=bucket(self.entities) if self.entities else "none",
            fields=dict([*self._shown(self.envelope), *self._shown(self.entity)]),
            differences=sorted(set(self._differences(fallbacks))),
        )

    def _shown(self, root: Shape) -> Iterator[tuple[str, Field]]:
        for shape, around in root.all():
            presence: Literal["", "always", "sometimes"] = ""
            if around is not None and not shape.path.endswith(("{}", WITHHELD)):
                presence = "always" if shape.present == around.objects else "sometimes"
            sample = bucket(around.objects) if presence and around else ""
            words = [*sorted(shape.words), *(["another word"] if shape.has_new_word else [])]
            yield shape.path, Field(sorted(shape.types), presence, sample, words)

    def _differences(self, forms: Mapping[str, int]) -> Iterator[tuple[str, str]]:
        """The kind of each difference from what this release expects, and its place."""
        for name, number in forms.items():
            yield f"fallback {number} worked", name
        for status in self.statuses:
            if _is_refusal(status) and not any(one.startswith(str(_OK)) for one in self.statuses):
                yield "refused", status
        for kind in self.odd:
            yield "other type", f"the body: {kind}"
        expected = self.expected
        if expected and self.method in ("FINDER", "GET_ALL") and expected.paging in _STYLES:
            strange = self.paging - {"total"} - set(_STYLES[expected.paging])
            yield from (("other paging", style) for style in strange)
        for root in (self.envelope, self.entity):
            yield from _differences_of(root)
        if expected and self.is_of_rows and self.entity.objects:
            yield from (("gone", key) for key in expected.keys if not _has(self.entity, key))


_ENTITY_PATHS = {
    "GET": "",
    "BATCH_GET": "results{}",
    "FINDER": "elements[]",
    "GET_ALL": "elements[]",
    "BATCH_FINDER": "elements[].elements[]",
}


def _differences_of(root: Shape) -> Iterator[tuple[str, str]]:
    yield from (("other type", f"{root.path}: {kind}") for kind in root.types - {"object", "null"})
    for shape, _ in root.all():
        if not shape.is_known:
            is_withheld = shape.path.endswith(WITHHELD)
            yield ("a field whose name is withheld" if is_withheld else "new field"), shape.path
        for kind in shape.misfits:
            yield "other type", f"{shape.path}: {kind}"
        if shape.has_new_word:
            yield "new value of an enum", shape.path


def _has(entity: Shape, names: str) -> bool:
    """Whether one of the alternative fields, divided by `|`, was met."""
    return any(name in entity.fields for name in names.split("|"))


def _is_refusal(status: str) -> bool:
    number = status.partition(" ")[0]
    return number.startswith("4") and number not in ("401", "408", "425", "429")


def _paging(body: Body) -> Iterator[str]:
    metadata = mapping(body.get("metadata"))
    for name in ("paginationCursorMetdata", "paginationCursorMetadata"):
        if mapping(metadata.get(name)).get("nextPaginationCursor"):
            yield "cursor"
    if metadata.get("nextPaginationCursor"):
        yield "cursor"
    paging = mapping(body.get("paging"))
    links = paging.get("links")
    if isinstance(links, list) and any(mapping(link).get("rel") == "next" for link in links):
        yield "next link"
    if "total" in paging:
        yield "total"


def _tree(names: Mapping[str, Any]) -> Expectation:
    return Expectation(fields={name: _tree(inner) for name, inner in names.items()})


_CURSOR: Mapping[str, Any] = {"nextPaginationCursor": {}}
_ENVELOPE = _tree(
    {
        "paging": {"start": {}, "count": {}, "total": {}, "links": {}},
        "metadata": {"paginationCursorMetdata": _CURSOR, "paginationCursorMetadata": _CURSOR, **_CURSOR},
        "statuses": {},
        "errors": {},
    }
)
for _name in ("statuses", "errors"):
    _ENVELOPE.fields[_name].values = Expectation()


class WireRecorder:
    """Merges what all streams request and get.

    Args:
        streams: what this release expects, by stream.
        words: of LinkedIn's enumerations that this release sends.
    """

    def __init__(self, streams: Mapping[str, ExpectedStream], words: Iterable[str]) -> None:
        self._streams = streams
        names = [name for stream in streams.values() for name in (*stream.names, *stream.entity.names())]
        resources = (stream.resource for stream in streams.values())
        self._vocabulary = Vocabulary(["dma", *names, *resources], words)
        self._exchanges: dict[tuple[str, str, str, bool], Exchange] = {}
        self._lock = threading.Lock()

    def record(
        self,
        stream: str,
        resource: str,
        request: requests.PreparedRequest,
        status: int,
        body: object,
        *,
        is_answer: bool,
    ) -> None:
        """Merge one request and its answer in; see `Recorder`."""
        marker, path = kind_of(request)
        # Without a finder or ids, an address that ends in the resource is its listing, or a single object.
        key = (stream, resource, marker, bool(marker) or path.endswith(f"/{resource}"))
        with self._lock:
            if key not in self._exchanges:
                self._exchanges[key] = Exchange(
                    self._streams.get(stream), resource, Asked.of(request), self._vocabulary
                )
            self._exchanges[key].add(request, _status(status, body), body, is_answer=is_answer)

    def entries(self, forms: Mapping[str, Mapping[str, int]]) -> list[Entry]:
        """The entries of the report.

        Args:
            forms: by stream and parameter, the number of the fallback that LinkedIn accepts.
        """
        with self._lock:
            of_streams: Iterable[Exchange] = list(self._exchanges.values())
            return [one.entry(forms.get(one.expected.name, {}) if one.expected else {}) for one in of_streams]


def _status(status: int, body: object) -> str:
    code = mapping(body).get("code") if status != _OK else None
    if not code:
        return str(status)
    return f"{status} {code if isinstance(code, str) and code in CODES else 'another code'}"
