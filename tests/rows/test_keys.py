"""The rule `rowKey`: keys where LinkedIn gives none."""

from __future__ import annotations

import hashlib
import sys
import tracemalloc
from typing import Any, cast

import pytest

from tap_linkedin_dma.api.canonical_json import digest
from tap_linkedin_dma.rows.keys import HashSet, RowKeys
from tests.support.answering import stream_asking

Element = dict[str, Any]


def keys_of(id_fields: tuple[str, ...], *elements: Element, drop_repeats: bool = False) -> list[str | None]:
    """The keys of one listing's elements."""
    keys = RowKeys(id_fields, drop_repeats=drop_repeats)
    return [keys.key(element) for element in elements]


def test_the_first_own_key_that_the_element_carries_is_its_key() -> None:
    """As text, a number too; null is not carried."""
    elements: list[Element] = [{"urn": "urn:li:x:1", "id": 1}, {"id": 7200000000000000001}, {"urn": None, "id": 3}]
    assert keys_of(("urn", "id"), *elements) == ["urn:li:x:1", "7200000000000000001", "3"]


def test_a_repeat_is_the_same_record_where_the_stream_says_so() -> None:
    """The listing gave it before, so it makes no second row."""
    elements = {"follower": "a"}, {"follower": "b"}, {"follower": "a", "edgeType": "X"}
    assert keys_of(("follower",), *elements, drop_repeats=True) == ["a", "b", None]


def test_a_repeat_gets_an_ordinal_elsewhere() -> None:
    """The first keeps the bare key, so that a later repeat does not rename it."""
    assert keys_of(("id",), {"id": "a"}, {"id": "b"}, {"id": "a"}, {"id": "a"}) == ["a", "b", "a-1", "a-2"]


@pytest.mark.parametrize("drop_repeats", [False, True])
def test_without_an_own_key_the_content_is_the_key(drop_repeats: bool) -> None:
    """Members who are not shown look alike: each is a row of its own, numbered from 0."""
    hidden: Element = {"edgeType": "MEMBER_FOLLOWS", "lastModifiedAt": 5}
    name = hashlib.sha256(b'{"edgeType":"MEMBER_FOLLOWS","lastModifiedAt":5}').hexdigest()
    other = hashlib.sha256(b'{"edgeType":"MEMBER_FOLLOWS","lastModifiedAt":6}').hexdigest()
    assert keys_of(
        ("follower",), hidden, dict(reversed(hidden.items())), {**hidden, "lastModifiedAt": 6}, hidden,
        drop_repeats=drop_repeats,
    ) == [f"{name}-0", f"{name}-1", f"{other}-0", f"{name}-2"]  # fmt: skip


@pytest.mark.parametrize("value", [None, "", [], {}, True])
def test_an_own_key_that_cannot_be_read_is_none(value: object) -> None:
    """Then the content is the key."""
    element = {"id": value, "n": 1}
    assert keys_of(("id",), element) == [f"{digest(element)}-0"]


@pytest.mark.parametrize(
    "elements",
    [
        [{"id": "a"}, {"id": "a"}, {"id": "a-1"}],
        [{"id": "a-1"}, {"id": "a"}, {"id": "a"}],
        [{"id": ""}, {"id": "", "n": 1}],
        [{"id": "5"}, {"id": 5}],
    ],
)
def test_no_two_rows_collide(elements: list[Element]) -> None:
    """Not even where one element's own key is spelt as another's with its ordinal."""
    keys = keys_of(("id",), *elements)
    assert None not in keys
    assert len(set(keys)) == len(elements)


def test_each_listing_counts_for_itself() -> None:
    """The ordinal is among the elements of the same parent."""
    assert keys_of((), {"n": 1}) == keys_of((), {"n": 1})


def test_the_digest_is_of_canonical_json() -> None:
    """Keys sorted, no spaces, text as itself: the same on every machine and in every run."""
    canonical = '{"a":[1,{"b":null,"c":"é"}],"z":1.5}'
    assert digest({"z": 1.5, "a": [1, {"c": "é", "b": None}]}) == hashlib.sha256(canonical.encode()).hexdigest()


def test_expiring_links_do_not_count() -> None:
    """They are new on each call, at any depth; all else counts."""
    one: Element = {"media": [{"downloadUrl": "https://x/1", "downloadUrlExpiresAt": 1, "status": "OK"}]}
    two: Element = {"media": [{"downloadUrl": "https://x/2", "downloadUrlExpiresAt": 2, "status": "OK"}]}
    three: Element = {"media": [{"downloadUrl": "https://x/1", "downloadUrlExpiresAt": 1, "status": "GONE"}]}
    assert digest(one) == digest(two) != digest(three)
    assert digest({"order": [1, 2]}) != digest({"order": [2, 1]})


@pytest.mark.parametrize(
    ("element", "number"),
    [
        ({"$URN": "urn:li:event:7000000000000000101", "name": "Fair"}, 7000000000000000101),
        ({"$URN": "urn:li:event:odd"}, None),
        ({"name": "Fair"}, None),
    ],
)
def test_a_number_that_is_missing_is_made_of_the_urn_or_the_digest(element: dict[str, Any], number: int | None) -> None:
    """A key is never null, and the same on the next run."""
    assert RowKeys(()).numeric_key(element) == (number or -int(digest(element)[:15], 16))


def test_elements_that_look_alike_get_a_number_each() -> None:
    """And the same ones on the next run, also where that goes on in the middle of the listing."""
    fair: Element = {"name": "Fair"}
    keys, again, going_on = RowKeys(()), RowKeys(()), RowKeys(())
    numbers = [keys.numeric_key(element) for element in (fair, {"name": "Hall"}, fair, fair)]
    assert len(set(numbers)) == 4
    assert max(numbers) < 0
    assert [again.numeric_key(fair), again.numeric_key(fair)] == [numbers[0], numbers[2]]
    going_on.resume(again.resume_counts)
    assert going_on.numeric_key(fair) == numbers[3]


def test_listings_of_different_parents_share_no_key_of_the_taps_making() -> None:
    """Where the primary key does not say whose the row is; LinkedIn's own keys stay as they are."""
    one, two = (RowKeys(("id",), scope={"organization": f"urn:li:organization:{number}"}) for number in (1, 2))
    element: Element = {"name": "Fair"}
    assert one.key(element) != two.key(element)
    assert one.numeric_key(element) != two.numeric_key(element)
    assert one.key({"id": 7}) == two.key({"id": 7}) == "7"


def test_what_a_listing_gave_takes_few_bytes() -> None:
    """A large page has followers by the million."""
    keys = RowKeys(("id",), drop_repeats=True)
    tracemalloc.start()
    for number in range(30_000):
        keys.key({"id": f"urn:li:person:{number}"})
    used, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert used < 120 * 30_000
    assert keys.key({"id": "urn:li:person:29999"}) is None


def test_a_text_that_was_not_met_is_new() -> None:
    """Also where its hash is found across those of two others."""
    seen = HashSet()
    assert [seen.add(str(number % 40_000)) for number in range(60_000)] == [True] * 40_000 + [False] * 20_000
    seen = HashSet()
    bucket = seen._buckets[hash("x") % 2**14]
    bucket += b"\0" * 4 + hash("x").to_bytes(8, sys.byteorder, signed=True) + b"\0" * 4
    assert [seen.add("x"), seen.add("x")] == [True, False]


def test_a_key_of_its_own_is_looked_for_by_the_name_of_the_resource() -> None:
    """Unless the stream names other fields, or its key is a column that LinkedIn fills."""
    streams = stream_asking("http://127.0.0.1:9")._tap.streams
    element = {"organizationPhotosUrn": "urn:li:organizationPhoto:1", "threadUrn": "urn:li:thread:2", "caption": "x"}
    keys = {
        name: cast("Any", streams[name]).row_builder.new_keys().key(element)
        for name in ("organization_photos", "message_threads", "organizations")
    }
    assert keys == {
        "organization_photos": "urn:li:organizationPhoto:1",
        "message_threads": "urn:li:thread:2",
        "organizations": f"{digest(element)}-0",
    }
