"""Reading an HTTP answer: a body, or an error that is a sentence."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
import requests

from tap_linkedin_dma.api import responses
from tap_linkedin_dma.api.errors import (
    AccessDenied,
    BadRequest,
    DailyLimit,
    DmaError,
    InvalidResponse,
    NotFound,
    PermanentError,
    ServerFault,
    Throttled,
    TokenRejected,
    TooLong,
    TransientError,
    VersionNotServed,
    VersionRejected,
)

PERSON = "urn:li:person:Zq8invented"


def response(
    status: int, body: object = b"", headers: dict[str, str] | None = None, address: str = "dmaPosts?q=author"
) -> requests.Response:
    """An answer as requests hands it over."""
    made = requests.Response()
    made.status_code = status
    made._content = body if isinstance(body, bytes) else json.dumps(body).encode()
    made.headers.update(headers or {})
    made.request = requests.Request("GET", f"https://api.linkedin.com/rest/{address}").prepare()
    return made


def error(status: int, body: object = b"", headers: dict[str, str] | None = None) -> DmaError:
    """What an answer from dmaPosts raises."""
    with pytest.raises(DmaError) as caught:
        responses.parse_body(response(status, body, headers), "dmaPosts")
    return caught.value


def inputs_of(*paths: str) -> list[Any]:
    """The details of an error that names these fields."""
    return [{"input": {"inputPath": {"fieldPath": path}}} for path in paths]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        ("dmaPosts/1", {"id": 1}),
        ("dmaPosts?q=author", {"elements": []}),
        ("dmaPosts?q=author", {"elements": [], "paging": {}}),
        ("dmaPosts?start=0&count=1", {"elements": [{"id": "urn:li:share:1"}]}),
        ("dmaPosts?bq=authors", {"elements": [{"elements": []}]}),
        ("dmaPosts?ids=List(42)", {"results": {"42": {"id": 42}}, "statuses": {}, "errors": {}}),
        ("dmaPosts?ids=List(42)", {"results": {"43": None, "42": {"id": 42}}}),
        ("dmaPosts?ids=List(42)", {"results": {}, "statuses": {"42": 403}}),
        ("dmaPosts?ids=List(42)", {"results": {}, "errors": {"42": {"status": 404}}}),
        ("dmaPosts?ids=List(42)", {"errors": {"42": {"status": 403}}}),
    ],
)
def test_a_body_is_read(address: str, body: dict[str, Any]) -> None:
    """An entity, a listing, a batch; envelopes may lack parts, and a batch of refused ids its results."""
    assert responses.parse_body(response(200, body, address=address), "dmaPosts") == body


def nested(depth: int) -> bytes:
    return b'{"elements":' + b'[{"a":' * (depth // 2) + b"1" + b"}]" * (depth // 2) + b"}"


NO_LISTING: list[object] = [
    b"",
    b'{"elements":[',
    b"[1,2]",
    b'"text"',
    b"null",
    b"\xff\xfe",
    {},
    {"paging": {"start": 0, "count": 10, "links": []}},
    {"metadata": {"nextPaginationCursor": "a"}},
    {"elements": None},
    {"elements": ""},
    {"elements": {"id": 1}},
    {"elements": [{"id": 1}, "urn:li:share:1"]},
    {"elements": [None]},
    {"results": {}},
    {"id": 1},
    # Python's own functions would fall over these later.
    nested(102),
    nested(900),
    nested(200_000),
    b'{"elements":[{"id":' + b"9" * 101 + b"}]}",
    b'{"elements":[{"id":-' + b"9" * 5_000 + b"}]}",
    b'{"elements":[{"id":' + b"9" * 1_000_000 + b"}]}",
    # Its encoding is not guessed, which takes minutes for a large body.
    b'{"elements": [{"a": "\xe9\xff\xfe' + b"\xe9\x81 " * 100_000 + b'"}]}',
]
NO_BATCH: list[object] = [
    {},
    {"results": []},
    {"results": [{"id": 1}]},
    {"results": {"42": "text"}},
    {"results": None},
    {"elements": []},
    {"statuses": {}},
    {"statuses": {"42": 200}, "errors": {}},
    {"results": None, "statuses": {}},
    {"results": {}, "statuses": {"42": 200}},
]


@pytest.mark.parametrize(
    ("address", "body"),
    [
        *[("dmaPosts?q=author", body) for body in NO_LISTING],
        *[("dmaPosts?ids=List(42)", body) for body in NO_BATCH],
        ("dmaPosts/42", b""),
        ("dmaPosts/42", b"[1]"),
        ("dmaPosts/42", {}),
    ],
)
def test_nonsense_under_200_is_a_fault_and_no_empty_result(address: str, body: object) -> None:
    """A body that is no listing is no empty listing; the sentence names the resource and repeats none of it."""
    with pytest.raises(InvalidResponse) as caught:
        responses.parse_body(response(200, body, address=address), "dmaPosts")
    assert type(caught.value) is InvalidResponse
    assert str(caught.value) == responses.truncated("dmaPosts")
    assert caught.value.status == 500


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html><body>Please wait</body></html>", {}),
        (b"\n <!DOCTYPE html><html></html>", {"Content-Type": "text/plain"}),
        (b"Sign in to go on", {"Content-Type": "text/html; charset=utf-8"}),
    ],
)
def test_a_web_page_under_200_is_told_as_one(body: bytes, headers: dict[str, str]) -> None:
    """A log-in page, or a proxy's, has nothing to do with the size of a page."""
    fault = error(200, body, headers)
    assert type(fault) is InvalidResponse
    assert "A web page answered for dmaPosts (200), such as a login page or a page of a proxy." in str(fault)
    assert "HTTPS_PROXY" in str(fault)


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"errorCode": 0, "message": "Internal", "requestId": "R", "status": 500, "timestamp": 1790000000000}, 500),
        ({"serviceErrorCode": 100, "message": "Not enough permissions", "status": 403}, 403),
        ({"status": 404}, 404),
        ({"message": "Internal server error"}, 500),
        ({"code": "ACCESS_DENIED", "message": "x"}, 500),
        ({"error": "server_error"}, 500),
        ({"errors": [{"status": 503}]}, 500),
        ({"exceptionClass": "RestLiServiceException", "stackTrace": "x", "docUrl": "y", "status": 503}, 503),
    ],
)
def test_an_error_in_place_of_an_entity_is_that_error(body: dict[str, Any], status: int) -> None:
    """It has the error's own fields, and no other."""
    with pytest.raises(DmaError, match=f"\\({status}\\)"):
        responses.parse_body(response(200, body, address="dmaPosts/42"), "dmaPosts")


@pytest.mark.parametrize(
    "body",
    [
        {"status": "ACTIVE"},
        {"status": 200},
        {"status": {"approved": {}}, "code": "X1"},
        {"id": 5, "status": 404, "message": "Hello", "code": "GREETING"},
        {"code": "DEFAULT", "name": {}},
        {"message": {"text": "Hello"}},
    ],
)
def test_an_entity_may_have_fields_that_are_called_like_an_errors(body: dict[str, Any]) -> None:
    """A status that is a word, a code beside other fields, a text that is an object."""
    assert responses.parse_body(response(200, body, address="dmaPosts/42"), "dmaPosts") == body


@pytest.mark.parametrize(
    ("error", "status"),
    [
        ({"message": "Internal server error"}, 500),
        ({"exceptionClass": "RestLiServiceException", "status": 503}, 503),
        ({"exceptionClass": "RestLiServiceException"}, 500),
        ({"error": {"code": 5}}, 500),
    ],
)
@pytest.mark.parametrize("address", ["dmaPosts?q=author", "dmaPosts?ids=List(42)"])
def test_an_error_beside_an_empty_result_is_that_error(address: str, error: dict[str, Any], status: int) -> None:
    """A listing and a batch have no fields of an error's."""
    empty: dict[str, Any] = {"results": {}} if "ids" in address else {"elements": []}
    with pytest.raises(DmaError, match=f"\\({status}\\)"):
        responses.parse_body(response(200, {**empty, **error}, address=address), "dmaPosts")


@pytest.mark.parametrize("status", [102, 201, 202, 204, 206, 207, 304, 305])
@pytest.mark.parametrize("body", [b"", {"elements": []}])
def test_a_status_that_gives_nothing_to_read_is_no_redirect(status: int, body: object) -> None:
    """Nor an empty result: it is asked for again, and the sentence names it."""
    fault = error(status, body)
    assert type(fault) is InvalidResponse
    assert f"answered dmaPosts with {status}," in str(fault)
    assert "redirect" not in str(fault)


def test_what_nests_as_deep_as_may_be_is_read() -> None:
    """Deeper than anything of LinkedIn's; numbers far beyond 64 bits too."""
    assert responses.parse_body(response(200, nested(98)), "dmaPosts")
    number = 10**99
    assert responses.parse_body(response(200, {"elements": [{"a": number}]}), "dmaPosts")["elements"] == [{"a": number}]


def test_a_body_is_read_in_the_encoding_that_it_names() -> None:
    """Though JSON should be UTF-8."""
    body = '{"elements": [{"a": "é"}]}'.encode("latin-1")
    came = response(200, body)
    came.encoding = "latin-1"
    assert responses.parse_body(came, "dmaPosts")["elements"] == [{"a": "é"}]


LINKEDINS_WORDS: list[tuple[int, dict[str, Any], type[DmaError]]] = [
    (400, {"code": "ILLEGAL_ARGUMENT", "message": "x"}, BadRequest),
    (400, {"code": "QUERY_PARAM_NOT_ALLOWED"}, BadRequest),
    (400, {"code": "PARAM_INVALID"}, BadRequest),
    (400, {"code": "VERSION_MISSING"}, VersionRejected),
    (401, {"message": "Empty oauth2_access_token", "serviceErrorCode": 401, "status": 401}, TokenRejected),
    (403, {"code": "ACCESS_DENIED", "serviceErrorCode": 100}, AccessDenied),
    (404, {"message": "x", "status": 404}, NotFound),
    (410, {}, NotFound),
    (414, {}, TooLong),
    (422, {"code": "PARAM_INVALID"}, BadRequest),
    (426, {"code": "NONEXISTENT_VERSION", "message": "Requested version 20250401 is not active"}, VersionRejected),
    (429, {"code": "TOO_MANY_REQUESTS", "serviceErrorCode": 101}, Throttled),
    (500, {}, InvalidResponse),
    (502, {}, ServerFault),
    (503, {}, ServerFault),
    (504, {}, ServerFault),
    (301, {}, DmaError),
    (302, {}, DmaError),
]


@pytest.mark.parametrize(("status", "body", "kind"), LINKEDINS_WORDS)
def test_each_status_is_an_error_of_its_kind(status: int, body: dict[str, Any], kind: type[DmaError]) -> None:
    """What may be retried, left out or must end the run is told by the type; each is a sentence with the status."""
    fault = error(status, body)
    assert isinstance(fault, kind)
    assert isinstance(fault, TransientError) == issubclass(kind, TransientError)
    assert isinstance(fault, PermanentError) == issubclass(kind, PermanentError)
    assert re.fullmatch(r"[A-Z].*\.", str(fault))
    assert str(status) in str(fault)
    # A refusal leaves one thing out and is logged with its resource; so does all that may be retried.
    if issubclass(kind, (PermanentError, ServerFault, Throttled, VersionRejected)):
        assert "dmaPosts" in str(fault)


KINDS: dict[int, type[DmaError]] = {
    status: kind for status, body, kind in LINKEDINS_WORDS if body.get("code") != "VERSION_MISSING"
}


@pytest.mark.parametrize("status", KINDS)
@pytest.mark.parametrize("body", [b"", b"<html>Bad gateway</html>", b"[]", {"code": None, "message": None}])
def test_an_error_without_words_is_told_by_its_status(status: int, body: object) -> None:
    """Any part of the body may be missing, and it may be no JSON; the sentence still reads as one."""
    fault = error(status, body)
    assert isinstance(fault, KINDS[status])
    assert str(status) in str(fault)
    assert "None" not in str(fault)
    assert " )" not in str(fault)


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"code": "EXPIRED_ACCESS_TOKEN"}, "has expired"),
        ({"message": "The token used in the request has expired"}, "has expired"),
        ({"code": "REVOKED_ACCESS_TOKEN", "serviceErrorCode": 65601}, "was revoked"),
        ({"message": "The token used in the request has been revoked by the user"}, "was revoked"),
        ({"message": "Invalid access token", "serviceErrorCode": 65600}, "again, all of it"),
        ({"message": "Empty oauth2_access_token", "serviceErrorCode": 401}, "not empty"),
        ({"code": "EMPTY_ACCESS_TOKEN"}, "not empty"),
        ({"message": "Unknown authentication schema", "serviceErrorCode": 65600}, "no access token"),
        ({}, "again, all of it"),
        # The numbers contradict each other between reports, so they decide nothing.
        ({"code": "EXPIRED_ACCESS_TOKEN", "serviceErrorCode": 65601}, "has expired"),
        ({"message": "Invalid access token", "serviceErrorCode": 65602}, "again, all of it"),
        # The code is read before the words.
        ({"code": "REVOKED_ACCESS_TOKEN", "message": "The token was revoked or has expired"}, "was revoked"),
        ({"code": "EXPIRED_ACCESS_TOKEN", "message": "The token is empty or was revoked"}, "has expired"),
        ({"code": "REVOKED_ACCESS_TOKEN", "message": "Empty scope list"}, "was revoked"),
    ],
)
def test_a_401_is_told_by_its_code_then_by_its_words(body: dict[str, Any], says: str) -> None:
    """Each class has a sentence of its own, which says what to do."""
    sentence = str(error(401, body))
    assert says in sentence
    assert "(401)" in sentence


REFUSED = "LinkedIn refused the request to dmaPosts (400 X)."
NO_DETAILS: list[object] = [None, [], {"inputErrors": None}, {"inputErrors": {"input": 1}}]
NO_DETAILS += [{"inputErrors": [1, {}, {"input": None}, {"input": {"inputPath": "x"}}]}]


@pytest.mark.parametrize(
    ("status", "body", "kind", "says"),
    [
        # It does not clear before 00:00 UTC, so it is not worth another try.
        (
            429,
            {"message": "Resource level throttle APPLICATION_AND_MEMBER DAY limit is reached."},
            DailyLimit,
            "00:00 UTC",
        ),
        (429, {"message": "Resource level throttle APPLICATION DAY limit is reached."}, DailyLimit, "00:00 UTC"),
        (429, {"message": "Resource level throttle MEMBER limit is reached. TODAY"}, Throttled, "request_intervals"),
        (426, {"code": "NONEXISTENT_VERSION"}, VersionNotServed, "linkedin_version"),
        (
            403,
            {"message": "Not enough permissions to access: dmaFeedContentsExternal.FINDER-postsByAuthor.20260501"},
            AccessDenied,
            "LinkedIn refused dmaFeedContentsExternal.FINDER-postsByAuthor (403). The token needs the scope "
            "r_dma_admin_pages_content, and its member the ADMINISTRATOR role on the page. If tap-linkedin-dma doctor "
            "finds both OK, LinkedIn does not show it to this app: deselect the stream.",
        ),
        (
            400,
            {"code": "X", "errorDetails": {"inputErrors": inputs_of("viewContext", "criteria[0]/type")}},
            BadRequest,
            f"{REFUSED[:-1]}, naming viewContext, criteria[0]/type.",
        ),
        *((400, {"code": "X", "errorDetails": details}, BadRequest, REFUSED) for details in NO_DETAILS),
    ],
)
def test_a_refusal_says_what_to_change_or_when_to_come_back(
    status: int, body: dict[str, Any], kind: type[DmaError], says: str
) -> None:
    """The method, the scope, the role, the setting or the parameters; details of another shape name nothing."""
    fault = error(status, body, {"Retry-After": "60"})
    assert type(fault) is kind
    assert str(fault) == says if says.startswith("LinkedIn") else says in str(fault)


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize(
    ("header", "wait"),
    [(None, None), ("7", 7), ("0", 0), ("1.5", 1.5), ("86400", 86400), ("-5", None), ("soon", None), ("", None)],
)
def test_retry_after_is_read(status: int, header: str | None, wait: float | None) -> None:
    """Seconds; what is neither a number nor a date says nothing."""
    fault = error(status, {}, {"Retry-After": header} if header is not None else {})
    assert isinstance(fault, (Throttled, ServerFault))
    assert fault.wait == wait


@pytest.mark.parametrize(
    ("until", "wait"),
    [
        ("Mon, 02 Mar 2026 09:30:45 GMT", 45),
        ("Mon, 02 Mar 2026 10:30:00 +0100", 0),
        ("Mon, 02 Mar 2026 09:00:00 GMT", 0),
        ("Mon, 32 Mar 2026", None),
    ],
)
def test_retry_after_may_be_a_date(until: str, wait: float | None) -> None:
    """It counts from the answer's own date; one that is past asks for no wait."""
    now = "Mon, 02 Mar 2026 09:30:00 GMT"
    assert responses.retry_after(response(429, {}, {"Retry-After": until, "Date": now})) == wait
    assert responses.retry_after(response(429, {}, {"Retry-After": until})) is None


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 426, 429, 500])
def test_no_sentence_repeats_the_answer(status: int) -> None:
    """A member's URN may stand anywhere in it, in place of a code or a field's name too."""
    body = {
        "status": status,
        "code": f"NO {PERSON}",
        "message": f"{PERSON} may not be read: dmaPosts.GET-{PERSON}",
        "errorDetailType": PERSON,
        "errorDetails": {"inputErrors": [{"input": {"inputPath": {"fieldPath": PERSON}}, "description": PERSON}]},
    }
    assert not re.search("person|Zq8", str(error(status, body, {"Retry-After": PERSON})))


@pytest.mark.parametrize(
    ("paths", "message", "named"),
    [
        (["/timeRange"], "Invalid value for organization", {"timeRange"}),
        (["timeIntervals.timeRange"], "", {"timeIntervals", "timeRange"}),
        (["ids[0]", PERSON], "organization", {"ids", "0"}),
        ([PERSON], "Invalid timeRange", {"Invalid", "timeRange"}),
        ([], "Param 'timeRange' of the finder organization is wrong", {"timeRange"}),
        ([], "timeRange of finder 'organization'", {"timeRange", "of", "finder", "organization"}),
        ([], "Invalid value 'x' for 'owner'", {"owner"}),
        ([], "It isn't a timeRange, and can't be", {"It", "isn", "t", "a", "timeRange", "and", "can", "be"}),
        ([], f"Invalid value '{PERSON}' for owner", {"Invalid", "value", *PERSON.split(":"), "for", "owner"}),
    ],
)
def test_the_path_of_a_field_names_the_parameter_before_quotes_and_prose(
    paths: list[str], message: str, named: set[str]
) -> None:
    """Prose may mention other parameters, and the finder by a name that is a parameter's too."""
    refused = error(400, {"message": message, "errorDetails": {"inputErrors": inputs_of(*paths)}})
    assert isinstance(refused, BadRequest)
    assert refused.named == named


@pytest.mark.parametrize(
    ("address", "is_entity"),
    [
        ("dmaThings/urn%3Ali%3Athing%3A5?viewContext=AUTHOR", True),
        ("dmaMe", True),
        ("dmaMe?projection=(id)", True),
        ("dmaThings?q=owner", False),
        ("dmaThings?ids=List(5)", False),
        ("dmaTaxonomies/DEFAULT/dmaThings?start=0&count=10", False),
    ],
)
def test_only_a_listing_or_a_batch_is_held_to_its_form(address: str, is_entity: bool) -> None:
    """Also if it is tunnelled; one thing, asked for by its own address, may have fields of those names."""
    body = {"id": 5, "elements": ["a"], "results": {"x": 1}}
    resource = next(part for part in ("dmaThings", "dmaMe") if part in address)
    came = response(200, body, address=address)
    if is_entity:
        assert responses.parse_body(came, resource) == body
    else:
        with pytest.raises(InvalidResponse):
            responses.parse_body(came, resource)
        bare, _, query = str(came.request.url).partition("?")
        came.request = requests.Request("POST", bare, data=query).prepare()
        with pytest.raises(InvalidResponse):
            responses.parse_body(came, resource)


@pytest.mark.parametrize(
    ("body", "value"),
    [
        (b'{"v": 7200000000000000001}', 7200000000000000001),
        (b'{"v": 123456789012345678901234567890}', 123456789012345678901234567890),
        (b'{"v": "half \\ud83d"}', "half \ud83d"),
        (b'{"v": 1e400}', float("inf")),
        ('{"v": "é"}'.encode("utf-16"), "é"),
        (b'\xef\xbb\xbf{"v": 1}', 1),
    ],
)
def test_a_body_is_read_whatever_its_numbers_and_its_encoding(body: bytes, value: object) -> None:
    """Ids exactly, and what the fast reader does not take by the other."""
    assert responses.parse_body(response(200, body, address="dmaPosts/1"), "dmaPosts")["v"] == value
