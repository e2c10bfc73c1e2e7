"""Rest.li 2.0 as it is written: the table of right and wrong in LinkedIn's eyes."""

from __future__ import annotations

import pytest

from tap_linkedin_dma.api import restli
from tests.support.answering import Answering, stream_asking

RIGHT: dict[str, tuple[dict[str, object], str]] = {
    "flat URN": ({"author": "urn:li:organization:42"}, "author=urn%3Ali%3Aorganization%3A42"),
    "list of URN": (
        {"ids": ["urn:li:share:1", "urn:li:ugcPost:2"]},
        "ids=List(urn%3Ali%3Ashare%3A1,urn%3Ali%3AugcPost%3A2)",
    ),
    "composite URN in a list": (
        {"ids": ["urn:li:comment:(urn:li:activity:123,456)"]},
        "ids=List(urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A123%2C456%29)",
    ),
    "composite URN as a value": (
        {"entity": "urn:li:comment:(urn:li:activity:71,900)"},
        "entity=urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A71%2C900%29",
    ),
    "numeric ids": ({"ids": [42, 99]}, "ids=List(42,99)"),
    "union record": (
        {"pageEntity": {"organization": "urn:li:organization:42"}},
        "pageEntity=(organization:urn%3Ali%3Aorganization%3A42)",
    ),
    "locale": ({"locale": {"language": "en", "country": "US"}}, "locale=(language:en,country:US)"),
    "time interval": (
        {"timeIntervals": {"timeRange": {"start": 1700006400000, "end": 1731024000000}, "timeGranularityType": "DAY"}},
        "timeIntervals=(timeRange:(start:1700006400000,end:1731024000000),timeGranularityType:DAY)",
    ),
    "bare range": (
        {"timeRange": {"start": 1704067200000, "end": 1706745600000}},
        "timeRange=(start:1704067200000,end:1706745600000)",
    ),
    "enum list": ({"metricTypes": ["IMPRESSIONS", "CLICKS"]}, "metricTypes=List(IMPRESSIONS,CLICKS)"),
    "cursor": ({"paginationCursor": "M18="}, "paginationCursor=M18%3D"),
    "null is left out, zero is not": ({"q": "x", "paginationCursor": None, "start": 0}, "q=x&start=0"),
    "null in a record is left out": ({"role": {"value": "A", "state": None}}, "role=(value:A)"),
    "booleans": ({"flag": True, "other": False}, "flag=true&other=false"),
    "every reserved character": (
        {"text": "a,b:(c)'d' 100% é/~+&=#?"},
        "text=a%2Cb%3A%28c%29%27d%27%20100%25%20%C3%A9%2F~%2B%26%3D%23%3F",
    ),
    "empty text": ({"names": ["", "x"]}, "names=List('',x)"),
    "keys are text too": ({"nested": [{"a,b": ["c:d"]}]}, "nested=List((a%2Cb:List(c%3Ad)))"),
    "a tuple is a list": ({"ids": ("urn:li:share:1",)}, "ids=List(urn%3Ali%3Ashare%3A1)"),
    "19 digits": ({"id": 7200000000000000001}, "id=7200000000000000001"),
}


@pytest.mark.parametrize(("params", "text"), RIGHT.values(), ids=RIGHT)
def test_structure_stays_bare_and_text_is_escaped(params: dict[str, object], text: str) -> None:
    """Each line of the table, character for character."""
    assert restli.query(params) == text


def test_the_query_arrives_as_it_was_written() -> None:
    """No library between the tap and the request line encodes it again."""
    with Answering() as server:
        stream = stream_asking(server.url)
        for params, _ in RIGHT.values():
            stream.client.fetch("dmaPosts", restli.query(params))
    assert [asked.target for asked in server.asked] == [f"/rest/dmaPosts?{text}" for _, text in RIGHT.values()]


def test_a_path_key_is_escaped_whole() -> None:
    """Colons and parentheses of a URN do not stand in the path."""
    with Answering() as server:
        stream = stream_asking(server.url)
        stream.client.fetch(f"dmaOrganizationalPageProfiles/{restli.encode('urn:li:organizationalPage:42')}")
        stream.client.fetch(f"dmaComments/{restli.encode('urn:li:comment:(urn:li:activity:1,2)')}")
    assert [asked.target for asked in server.asked] == [
        "/rest/dmaOrganizationalPageProfiles/urn%3Ali%3AorganizationalPage%3A42",
        "/rest/dmaComments/urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A1%2C2%29",
    ]


@pytest.mark.parametrize("nothing", [[], (), {"criteria": []}])
def test_an_empty_list_is_never_written(nothing: object) -> None:
    """`ids=List()` asks for nothing: LinkedIn refuses it, so it is a mistake of the caller."""
    with pytest.raises(ValueError, match="asks for nothing"):
        restli.query({"ids": nothing})


@pytest.mark.parametrize("value", [None, 1.5, b"x", {1}, [None], iter("ab")])
def test_what_rest_li_has_no_form_for_is_refused(value: object) -> None:
    """A None inside a list would shift the items after it; a float has several forms."""
    with pytest.raises(TypeError):
        restli.encode(value)


@pytest.mark.parametrize(
    ("sent", "key"),
    [
        ("42", "42"),
        ("urn:li:share:1", "urn:li:share:1"),
        ("urn%3Ali%3Ashare%3A1", "urn:li:share:1"),
        ("urn:li:comment:(urn:li:activity:1,2)", "urn:li:comment:(urn:li:activity:1,2)"),
        ("urn:li:comment:%28urn:li:activity:1%2C2%29", "urn:li:comment:(urn:li:activity:1,2)"),
    ],
)
def test_a_key_is_read_decoded_or_not(sent: str, key: str) -> None:
    """LinkedIn's keys were seen decoded; the protocol lets it encode them, or some of their characters."""
    assert restli.decode_key(sent) == key
