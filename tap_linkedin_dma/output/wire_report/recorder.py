"""Merges the shapes of all requests and answers of a run, cheaply."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal

import requests

from tap_linkedin_dma.api.envelopes import Form, error_status, is_well_formed
from tap_linkedin_dma.api.json_bodies import Body, count_or_none, mapping
from tap_linkedin_dma.api.versions import KNOWN_VERSIONS
from tap_linkedin_dma.output.wire_report.document import ANSWERED, Entry, Field
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
_UNREADABLE = f"{ANSWERED} unreadable"
"""The status of an answer of another form than was asked for."""

_FORMS: Mapping[str, Form] = {"GET": "entity", "BATCH_GET": "batch"}
"""The form that is asked for, by the method; of all others a listing."""

_MORE = "total alone"
"""The paging of an answer whose total is all that says there is more."""

_MEMBER_VERSION = "202312"
_STYLES = {
    "cursor": ("cursor",),
    "offset": ("next link", _MORE),
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

    def add(self, request: requests.PreparedRequest, status: int, body: object, *, is_answer: bool) -> None:
        """Merge one request and its answer in; see `Recorder`."""
        said = self._status(status, body, is_answer=is_answer)
        self.statuses[said] += 1
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
        if said not in (ANSWERED, _UNREADABLE):
            return
        if isinstance(body, Mapping):
            self._add_body(body, is_answer=is_answer)
        else:
            self.odd.add("array" if isinstance(body, list) else "no JSON" if body is None else "no object")

    def _status(self, status: int, body: object, *, is_answer: bool) -> str:
        """The status of an answer with LinkedIn's code, which may come with a 200."""
        if is_answer:
            return ANSWERED
        told, form = mapping(body), _FORMS.get(self.method, "listing")
        if status != _OK:
            said = str(status)
        elif error := error_status(told, form):
            said = f"{ANSWERED} with error {error}"
        else:
            # A batch may mention nothing that was requested.
            return ANSWERED if told and is_well_formed(told, form, may_be_one=False) else _UNREADABLE
        code = told.get("code")
        return f"{said} {code if isinstance(code, str) and code in CODES else 'another code'}" if code else said

    def _add_body(self, body: Body, *, is_answer: bool) -> None:
        if self.method == "GET" and "elements" not in body:
            self._add_entities([body])
            return
        if self._is_sample:
            self.envelope.visit({name: value for name, value in body.items() if name not in ("elements", "results")})
        if self._is_sample or not {"cursor", "next link"} & self.paging:
            self.paging.update(_paging(body))
        name, kind = ("results", dict) if self.method == "BATCH_GET" else ("elements", list)
        listed = body.get(name)
        if isinstance(listed, dict) and is_answer and self.method == "FINDER":
            # A page of a member's snapshot has one element at most, which may come without a list around it.
            listed = [listed]
        if not isinstance(listed, kind):
            self.odd.add(f"{name} of another type" if name in body else f"no {name}")
        elif isinstance(listed, dict):
            self._add_entities(list(listed.values()))
        elif self.method == "BATCH_FINDER":
            for listing in map(mapping, listed):
                inner = listing.get("elements")
                self.paging.update(_paging(listing))
                self._add_entities(inner if isinstance(inner, list) else [])
        else:
            self._add_entities(listed)

    def _add_entities(self, entities: Sequence[Any]) -> None:
        begun, self.entities = self.entities, self.entities + len(entities)
        if not {dict}.issuperset(map(type, entities)):
            for entity in entities[_WHOLE:]:
                if not isinstance(entity, dict):
                    self.entity.visit(entity)
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
        if root.path and root.types - {"object"}:
            yield root.path, Field(sorted(root.types))
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
        if not {ANSWERED, _UNREADABLE} & self.statuses.keys():
            yield from (("refused", status) for status in self.statuses if not _passes(status))
        for kind in self.odd:
            yield "other type", f"the body: {kind}"
        expected = self.expected
        if expected and self.method in ("FINDER", "GET_ALL") and expected.paging in _STYLES:
            strange = self.paging - {"total"} - set(_STYLES[expected.paging])
            # The last page of a listing with cursors may have a total that tells of others.
            yield from (("other paging", style) for style in strange if style != _MORE or "cursor" not in self.paging)
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
    yield from (("other type", f"{root.path}: {kind}") for kind in root.types - {"object"})
    for shape, _ in root.all():
        if not shape.is_known:
            is_withheld = shape.path.endswith(WITHHELD)
            yield ("a field whose name is withheld" if is_withheld else "new field"), shape.path
        for kind in shape.misfits:
            yield "other type", f"{shape.path}: {kind}"
        if shape.expected and "urn" in shape.types:
            yield "URN of a new kind", shape.path
        if shape.has_new_word:
            yield "new value of an enum", shape.path


def _has(entity: Shape, names: str) -> bool:
    """Whether one of the alternative fields, divided by `|`, was met."""
    return any(name in entity.fields for name in names.split("|"))


def _passes(status: str) -> bool:
    """Whether another request may be answered: with another token, or later."""
    return status.partition(" ")[0] in ("401", "408", "425", "429")


def _paging(body: Body) -> Sequence[str]:
    """The ways of paging that a page shows."""
    metadata, paging = mapping(body.get("metadata")), mapping(body.get("paging"))
    places = (metadata, *(mapping(metadata.get(name)) for name in _CURSORS))
    links, elements, total = paging.get("links"), body.get("elements"), count_or_none(paging.get("total"))
    styles = ["cursor"] if any(place.get("nextPaginationCursor") for place in places) else []
    if isinstance(links, list) and any(mapping(link).get("rel") == "next" for link in links):
        styles.append("next link")
    met = (count_or_none(paging.get("start")) or 0) + (len(elements) if isinstance(elements, list) else 0)
    if total is not None and total > met and not styles:
        styles.append(_MORE)
    return styles if total is None else [*styles, "total"]


def _tree(names: Mapping[str, Any]) -> Expectation:
    return Expectation(fields={name: _tree(inner) for name, inner in names.items()})


_CURSORS = ("paginationCursorMetdata", "paginationCursorMetadata")
_CURSOR: Mapping[str, Any] = {"nextPaginationCursor": {}}
_ENVELOPE = _tree(
    {
        "paging": {"start": {}, "count": {}, "total": {}, "links": {}},
        "metadata": {**dict.fromkeys(_CURSORS, _CURSOR), **_CURSOR},
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
            self._exchanges[key].add(request, status, body, is_answer=is_answer)

    def entries(self, forms: Mapping[str, Mapping[str, int]]) -> list[Entry]:
        """The entries of the report.

        Args:
            forms: by stream and parameter, the number of the fallback that LinkedIn accepts.
        """
        with self._lock:
            of_streams: Iterable[Exchange] = list(self._exchanges.values())
            return [one.entry(forms.get(one.expected.name, {}) if one.expected else {}) for one in of_streams]
