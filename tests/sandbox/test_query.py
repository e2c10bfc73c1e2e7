"""The reader of raw Rest.li 2.0 text."""

from __future__ import annotations

import pytest

from linkedin_sandbox.errors import Refusal
from linkedin_sandbox.query import Value, read_key, read_query


@pytest.mark.parametrize(
    ("raw", "parameters"),
    [
        ("", {}),
        ("author=urn%3Ali%3Aorganization%3A42", {"author": "urn:li:organization:42"}),
        ("ids=List(42,99)", {"ids": ["42", "99"]}),
        (
            "ids=List(urn%3Ali%3Acomment%3A%28urn%3Ali%3Aactivity%3A123%2C456%29)",
            {"ids": ["urn:li:comment:(urn:li:activity:123,456)"]},
        ),
        ("locale=(language:en,country:US)", {"locale": {"language": "en", "country": "US"}}),
        (
            "timeIntervals=(timeRange:(start:1,end:2),timeGranularityType:DAY)",
            {"timeIntervals": {"timeRange": {"start": "1", "end": "2"}, "timeGranularityType": "DAY"}},
        ),
        ("a=List((b:List(c,d)),e)", {"a": [{"b": ["c", "d"]}, "e"]}),
        ("a=''", {"a": ""}),
        ("a=List('',x)", {"a": ["", "x"]}),
        ("a=%27%27", {"a": "''"}),
        ("a=gr%C3%BC%c3%9fe", {"a": "grüße"}),
        ("a=-._~", {"a": "-._~"}),
    ],
)
def test_structure_stands_bare_and_text_is_decoded(raw: str, parameters: dict[str, Value]) -> None:
    """Right forms are read into str, list and dict, to any depth."""
    assert read_query(raw) == parameters


def test_encoded_structure_is_text() -> None:
    """What was percent-encoded never becomes structure."""
    assert read_query("ids=List%28a%2Cb%29&r=%28a%3Ab%29") == {"ids": "List(a,b)", "r": "(a:b)"}


def test_one_decoding_and_no_more() -> None:
    """A value encoded twice stays encoded once."""
    assert read_query("a=urn%253Ali") == {"a": "urn%3Ali"}


@pytest.mark.parametrize(
    "raw",
    [
        "author=urn:li:organization:42",
        "ids=List(urn%3Ali%3Acomment%3A(urn%3Ali%3Aactivity%3A123,456))",
        "entity=urn:li:comment:(urn:li:activity:71,900)",
        "metricTypes=IMPRESSIONS,CLICKS",
        "paginationCursor=M18=",
        "paginationCursor=a+b",
        "paginationCursor=a/b",
        "paginationCursor=",
        "ids=List()",
        "ids=List(,)",
        "ids=List(1,)",
        "ids=List(1",
        "ids=List(1))",
        "ids=List(1)x",
        "ids=list(1)",
        "a=()",
        "a=(b)",
        "a=(b:)",
        "a=(b:c",
        "a=(b:c,b:d)",
        "a=(b:c)(d:e)",
        "a='",
        "a='b'",
        "a=b''",
        "a=b c",
        "a=%",
        "a=%4",
        "a=%zz",
        "a=%ff",
        "a=ü",
        "a=*",
        "a",
        "=b",
        "a=1&",
        "&a=1",
        "a=1&&b=2",
        "a=1&a=2",
        "a%5B0%5D=1",
    ],
)
def test_everything_else_is_refused(raw: str) -> None:
    """Malformed text answers 400 ILLEGAL_ARGUMENT."""
    with pytest.raises(Refusal) as refused:
        read_query(raw)
    assert refused.value.body["code"] == "ILLEGAL_ARGUMENT"
    assert refused.value.status == 400


def test_a_path_key_is_one_encoded_value_or_a_record_of_them() -> None:
    """Raw colons, lists and nothing at all are refused."""
    assert read_key("urn%3Ali%3AorganizationalPage%3A42") == "urn:li:organizationalPage:42"
    assert read_key("(id:42)") == {"id": "42"}
    for segment in ("urn:li:organizationalPage:42", "List(42)", "(id:42", "(urn:li:person:42)", ""):
        with pytest.raises(Refusal):
            read_key(segment)
