"""What records mention, for the streams that look it up."""

from __future__ import annotations

from typing import Any

import pytest

from tap_linkedin_dma.sync.referenced_urns import MOST_IN_WORDS, LookupSpec, ReferencedUrns


def noted(rows: list[tuple[str, dict[str, Any]]], **sought: Any) -> list[str]:
    """What these records of these streams mention to a lookup named `lookup`."""
    referenced_urns = ReferencedUrns()
    referenced_urns.seek(
        LookupSpec(**{"lookup": "lookup", "urn_types": ("person",), "is_active": lambda: True, **sought})
    )
    for stream, row in rows:
        referenced_urns.observe(stream, row)
    return list(referenced_urns.drain("lookup"))


@pytest.mark.parametrize(
    "row",
    [
        {"actor": "urn:li:person:a_B-1"},
        {"created": {"actor": "urn:li:person:a_B-1"}},
        {"membership": [{"identity": "urn:li:person:a_B-1"}]},
        {"urn": "urn:li:reaction:(urn:li:person:a_B-1,urn:li:activity:71)"},
        {"commentary": "Thanks @[Ann](urn:li:person:a_B-1)!"},
        {"unmapped": {"who": ["urn:li:person:a_B-1"]}},
    ],
)
def test_a_urn_is_found_wherever_it_stands(row: dict[str, Any]) -> None:
    """At any depth, inside of another URN, in the middle of a text."""
    assert noted([("comments", row)]) == ["urn:li:person:a_B-1"]


def test_a_urn_is_given_once_however_often_it_is_mentioned() -> None:
    """Also where the mentions are more than are written at once; in one order whatever theirs was."""
    rows = [("comments", {"actor": f"urn:li:person:p{number % 700}"}) for number in range(2500)]
    assert noted(rows) == sorted({f"urn:li:person:p{number}" for number in range(700)})


def test_other_kinds_are_left_to_others() -> None:
    """A lookup without urn_types takes all."""
    row = {"a": "urn:li:share:1", "b": "urn:li:event:2"}
    assert noted([("posts", row)], urn_types=("event",)) == ["urn:li:event:2"]
    assert noted([("posts", row)], urn_types=()) == ["urn:li:event:2", "urn:li:share:1"]


def test_a_compound_urn_is_taken_whole() -> None:
    """And what stands inside of it by itself."""
    row = {"content": "urn:li:organizationTargetedContent:(urn:li:organization:42,602)"}
    urn_types = ("organizationTargetedContent", "organization")
    assert noted([("content_revisions", row)], urn_types=urn_types) == ["urn:li:organization:42", row["content"]]


def test_only_the_columns_named_count() -> None:
    """Of the streams named, where any are."""
    row = {"id": "urn:li:share:1", "reshare_context": {"root": "urn:li:share:2"}}
    source_columns = {"posts": ("reshare_context", "content.reference")}
    assert noted(
        [("posts", row), ("comments", {"reshare_context": "urn:li:share:3"})],
        urn_types=(),
        source_columns=source_columns,
    ) == ["urn:li:share:2"]


def test_a_lookup_does_not_look_up_what_it_has_read() -> None:
    """Its own records mention what they are about."""
    assert noted([("lookup", {"person": "urn:li:person:a"})]) == []


def test_what_another_stream_has_read_is_not_looked_up() -> None:
    """Whether it is mentioned before or after."""
    posts = [("posts", {"id": "urn:li:person:a", "root": "urn:li:person:b"}), ("posts", {"id": "urn:li:person:b"})]
    assert noted([*posts, ("comments", {"x": "urn:li:person:a"})], already_read_by={"posts": "id"}) == []


@pytest.mark.parametrize(
    ("row", "found"),
    [
        ({"categoryId": 11}, ["11"]),
        ({"categories": [11, "12"]}, ["11", "12"]),
        ({"productCategory": {"id": 11, "rank": 3}}, ["11"]),
        ({"deep": [{"category": "11"}]}, ["11"]),
        ({"category": {"categoryId": 17, "rank": 3}}, ["17"]),
        ({"categories": [{"id": 11, "productCategory": {"id": "12"}}]}, ["11", "12"]),
        ({"categoryCount": 3, "id": 9, "category": "Tools", "categories": [True]}, []),
    ],
)
def test_a_bare_id_is_known_by_the_name_of_its_field(row: dict[str, Any], found: list[str]) -> None:
    """The whole name: a count of categories is none."""
    read = noted(
        [("products", {"unmapped": row})],
        urn_types=("productCategory",),
        source_columns={"products": ("unmapped",)},
        id_field_pattern=r"(product)?categor(y|ies)(ids?)?",
    )
    assert read == [f"urn:li:productCategory:{number}" for number in found]


def test_nothing_is_noted_for_a_lookup_that_is_not_read() -> None:
    """It would be kept for nothing."""
    assert noted([("comments", {"actor": "urn:li:person:a"})], is_active=lambda: False) == []
    referenced_urns = ReferencedUrns()
    referenced_urns.seek(LookupSpec("people", ("person",), lambda: False))
    assert referenced_urns.observer("comments") is None


def test_what_texts_name_has_a_bound() -> None:
    """Whoever may comment could have any number looked up; what LinkedIn itself says counts all the same."""
    texts = [("comments", {"text": f"Hello urn:li:person:p{number}"}) for number in range(3000)]
    actors = [("comments", {"actor": f"urn:li:person:a{number}"}) for number in range(3000)]
    found = noted([*texts, *actors])
    assert (len(found), sum("person:p" in urn for urn in found)) == (3000 + MOST_IN_WORDS, MOST_IN_WORDS)
