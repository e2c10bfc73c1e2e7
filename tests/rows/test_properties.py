"""What holds for whatever LinkedIn may send: values that nobody thought of are made up, the same ones on every run."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from itertools import islice
from typing import Any
from urllib.parse import quote

import pendulum
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from linkedin_sandbox.query import Value, read_query
from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.api.pagination import (
    AutoPaginator,
    BatchFinderPaginator,
    OffsetPaginator,
    PaginationCursor,
    Paginator,
    SinglePage,
)
from tap_linkedin_dma.rows.conversion import format_ms, parse_ms
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.tap import TapLinkedInDMA

URL = "https://api.linkedin.com/rest/dmaThings"
FIRST_MS, LAST_MS = (int(pendulum.datetime(year, 1, 1).timestamp() * 1000) for year in (1, 9999))

made_up = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.differing_executors],
)

# JSON may hold half of a character that was cut in two.
texts = st.text(st.characters(exclude_categories=()), max_size=8)
leaf = st.one_of(
    *(st.none(), st.booleans(), st.integers(), st.integers(FIRST_MS, LAST_MS), texts),
    *(st.floats(allow_nan=False, allow_infinity=False), st.integers().map(str)),
    st.decimals(allow_nan=False, allow_infinity=False).map(str),
    st.just("urn:li:share:7100000000000000001"),
)
names = texts | st.sampled_from(["text", "attributes", "time", "actor", "long", "value", "count", "localized", "id"])
json_values = st.recursive(
    leaf, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3), max_leaves=6
)


asked_values: st.SearchStrategy[Any] = st.recursive(
    st.text(max_size=8) | st.integers() | st.booleans(),
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(st.text(max_size=5), inner | st.none(), max_size=3).filter(
            lambda record: any(value is not None for value in record.values())
        )
    ),
    max_leaves=8,
)


def as_read(value: Any) -> Value:
    """A value as a server reads it, which knows texts alone."""
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Mapping):
        return {name: as_read(child) for name, child in value.items() if child is not None}
    return [as_read(item) for item in value] if isinstance(value, list) else str(value)


@made_up
@given(st.dictionaries(st.from_regex(r"[A-Za-z][A-Za-z0-9_.]{0,8}", fullmatch=True), asked_values, max_size=3))
def test_a_server_reads_what_was_written(params: dict[str, Any]) -> None:
    """The sandbox's own reader, which shares nothing with the writer."""
    assert read_query(restli.query(params)) == as_read(params)


@made_up
@given(st.text())
def test_a_key_is_read_as_it_was_encoded(key: str) -> None:
    """Percent signs of its own too."""
    assert restli.decode_key(quote(key, safe="")) == key
    assert restli.decode_key(restli.encode(key)) == (key or "''")


@made_up
@given(st.integers(FIRST_MS, LAST_MS))
def test_a_time_comes_back_from_its_text(moment: int) -> None:
    """To the millisecond."""
    assert parse_ms(format_ms(moment)) == moment


numbers = st.integers(-2, 12) | json_values
hrefs = texts | st.sampled_from(
    [f"{URL}?start=2", "?start=4", "//elsewhere.example/rest", "http://[", "https://a@b:c/"]
)
links = st.lists(st.fixed_dictionaries({"rel": st.just("next") | texts, "href": hrefs | json_values}) | json_values)
cursors = st.sampled_from(["c1", "c2", ""]) | json_values
bodies = st.fixed_dictionaries(
    {},
    optional={
        "elements": st.lists(
            st.fixed_dictionaries(
                {}, optional={"id": st.integers(0, 3), "elements": st.lists(json_values), "paging": json_values}
            ),
            max_size=4,
        ),
        "paging": st.fixed_dictionaries({}, optional={"total": numbers, "count": numbers, "links": links | json_values})
        | json_values,
        "metadata": st.fixed_dictionaries(
            {},
            optional={
                "nextPaginationCursor": cursors,
                "paginationCursorMetdata": st.fixed_dictionaries({"nextPaginationCursor": cursors}) | json_values,
            },
        )
        | json_values,
    },
)
PAGINATORS: dict[str, Callable[[], Paginator]] = {
    "one page": SinglePage,
    "cursor": lambda: PaginationCursor(2),
    "start and count": lambda: OffsetPaginator(2, URL),
    "detect": lambda: AutoPaginator(URL),
    "detect a page": lambda: AutoPaginator(URL, 2),
    "side by side": BatchFinderPaginator,
    "side by side, a page": lambda: BatchFinderPaginator(2),
}
LONGEST_WALK = 20


def steps(paginator: Paginator, answers: list[dict[str, Any]]) -> Iterator[str]:
    """The queries of a walk in which these answers come again and again."""
    while True:
        for body in answers:
            yield paginator.query({"q": "owner"})
            if not paginator.next_page(body):
                return


@pytest.mark.parametrize("style", PAGINATORS)
@made_up
@given(answers=st.lists(bodies, min_size=1, max_size=3))
def test_a_walk_goes_on_or_ends(style: str, answers: list[dict[str, Any]]) -> None:
    """Whatever the answers, as far as they have the shape of a listing; never with another error."""
    with suppress(DmaError):
        assert list(islice(steps(PAGINATORS[style](), answers), LONGEST_WALK))


@pytest.mark.parametrize("style", PAGINATORS)
@made_up
@given(body=bodies)
def test_a_listing_that_gives_the_same_page_for_ever_ends(style: str, body: dict[str, Any]) -> None:
    """With an error or without, after a few requests: no loop has no end."""
    try:
        asked = list(islice(steps(PAGINATORS[style](), [body]), LONGEST_WALK))
    except DmaError:
        return
    assert len(asked) < LONGEST_WALK


@made_up
@given(found=st.lists(st.sampled_from(["c1", "c2", "c3"]), min_size=1, max_size=6))
def test_cursors_that_lead_in_a_circle_end(found: list[str]) -> None:
    """However long the circle is."""
    circle = [{"metadata": {"nextPaginationCursor": cursor}} for cursor in found]
    with pytest.raises(DmaError, match="cursor twice"):
        list(steps(PaginationCursor(), circle))


TAP = TapLinkedInDMA(
    config={"access_token": "invented", "member_access_token": "invented", "api_url": "http://127.0.0.1:9"},
    setup_mapper=False,
)
SHAPED = [stream for stream in TAP.streams.values() if "unmapped" in stream.schema["properties"]]


def on_the_wire(column: str) -> str:
    """A name of which this is the column."""
    return re.sub(r"_([a-z0-9])", lambda match: match[1].upper(), column)


def at(path: str, value: Any) -> dict[str, Any]:
    """An object that holds a value at a dotted path."""
    head, _, rest = path.partition(".")
    return {head: at(rest, value) if rest else value}


@st.composite
def entities(draw: st.DrawFn, stream: DmaStream) -> dict[str, Any]:
    """An entity of fields that the stream has columns for, and others."""
    fields = st.sampled_from([on_the_wire(name) for name in stream.schema["properties"]]) | texts
    entity = draw(st.dictionaries(fields, json_values, max_size=4))
    if paths := [
        path for paths in stream.field_paths.values() for path in ([paths] if isinstance(paths, str) else paths)
    ]:
        for path in draw(st.lists(st.sampled_from(paths), max_size=2)):
            entity |= at(path, draw(json_values))
    return entity


def leaves(value: Any) -> Iterator[Any]:
    """Every value in it that is neither an object nor a list."""
    if isinstance(value, Mapping):
        for child in value.values():
            yield from leaves(child)
    elif isinstance(value, list):
        for item in value:
            yield from leaves(item)
    elif value is not None:
        yield value


def ways_to_leave(value: Any) -> Iterator[Any]:
    """The forms that a value may have in a row: its own, a number, a text, a time."""
    yield value
    if isinstance(value, bool):
        return
    if isinstance(value, str):
        try:
            number = Decimal(value)
        except InvalidOperation:
            return
        yield number
        value = int(number) if number.is_finite() and abs(number) < 10**20 and number == int(number) else None
    if isinstance(value, float):
        # Beyond what targets have a type for.
        yield str(value)
        value = int(value) if value.is_integer() else value
    if isinstance(value, int):
        yield str(value)
        if FIRST_MS <= value <= LAST_MS:
            yield format_ms(value)


@pytest.mark.parametrize("stream", SHAPED, ids=lambda stream: str(stream.name))
@settings(made_up, max_examples=5)
@given(data=st.data())
def test_any_entity_becomes_a_row_that_holds_all_of_it(stream: DmaStream, data: st.DataObject) -> None:
    """Valid by the stream's schema, with a key, and without an error."""
    entity = data.draw(entities(stream))
    sent = json.dumps(entity)
    asked_with = dict.fromkeys(getattr(stream, "request_columns", ()))
    of_page = {"organization": "urn:li:organization:42", "organizational_page": "urn:li:organizationalPage:7"}
    row = stream.row(entity, {**of_page, **asked_with}, stream.row_builder.new_keys())
    assert json.dumps(entity) == sent
    # It asks for one role, and leaves out others that LinkedIn lists all the same.
    assume(row is not None or stream.name != "my_organization_acls")
    assert row is not None
    held = set(leaves(row))
    assert not [value for value in leaves(entity) if not held & set(ways_to_leave(value))]
    wrong = Draft202012Validator(stream.schema).iter_errors(json.loads(json.dumps(row, default=float)))
    assert not [error.message for error in wrong if error.path[0] not in stream.primary_keys]


@made_up
@given(elements=st.lists(st.dictionaries(texts, json_values, max_size=2), max_size=12), cut=st.integers(0, 12))
def test_keys_tell_elements_apart_and_come_again(elements: list[dict[str, Any]], cut: int) -> None:
    """Also in a run that goes on where another was cut."""
    whole = RowKeys([])
    keys = [whole.key(element) for element in elements]
    assert len(set(keys)) == len(elements)
    first, rest = RowKeys([]), RowKeys([])
    before = [first.key(element) for element in elements[:cut]]
    rest.resume(first.resume_counts)
    assert before + [rest.key(element) for element in elements[cut:]] == keys
