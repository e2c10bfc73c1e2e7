"""Reads an HTTP answer of LinkedIn: its body, or the error that it stands for.

Sources: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/error-handling
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from email.utils import parsedate_to_datetime
from typing import cast

import requests

from tap_linkedin_dma.api.envelopes import error_status, form_of, is_well_formed, says_nothing
from tap_linkedin_dma.api.errors import (
    AccessDenied,
    BadRequest,
    CertificateRejected,
    DailyLimit,
    DmaError,
    InvalidResponse,
    NoDataFound,
    NotFound,
    NothingSaid,
    ServerFault,
    Throttled,
    TokenMissing,
    TokenRejected,
    TooLong,
    VersionNotServed,
    VersionRejected,
)
from tap_linkedin_dma.api.json_bodies import Body, is_web_page, parsed
from tap_linkedin_dma.api.products import MEMBER, Product, product_of
from tap_linkedin_dma.api.transport import LARGEST_BODY, TooLarge, TooSlow, distrust
from tap_linkedin_dma.api.versions import NEWEST_VERSION

_REDIRECTS = (300, 301, 302, 303, 307, 308)
_PASSING = (408, 425)
"""Temporary statuses from 400 to 499, besides 429."""

_NAMED_METHOD = re.compile(r"\bdma\w+\.[A-Z_]+(?:-\w+)?|\b[a-z]\w+\.(?:GET|BATCH_GET|FINDER|BATCH_FINDER|GET_ALL)\b")
_QUOTED_NAME = re.compile(r"""(?<!\w)(?<!(?i:finder) )(?<!(?i:value) )['"`]([a-z][\w./\[\]]*)['"`](?!\w)""")
_NO_DATA = re.compile("no data found", re.IGNORECASE)


def parse_body(response: requests.Response, resource: str) -> Body:
    """The body of an answer: the entity, the listing or the batch that was asked for.

    Args:
        response: as received.
        resource: the name in the URL, for the error's sentence.

    Raises:
        DmaError: of the kind that the status stands for, or the status in the body of an error sent with 200; a body
            of another form than was asked for is an InvalidResponse.
    """
    body = parsed(response)
    if refusal := _refusal(response, resource, body):
        raise refusal
    return cast("Body", body)


def error_from(response: requests.Response, resource: str) -> DmaError | None:
    """The error that an answer stands for; None if it is what was asked for."""
    return _refusal(response, resource, parsed(response))


def unanswered(fault: OSError, resource: str) -> DmaError:
    """The error for a request without an answer, or with an incomplete one.

    Args:
        fault: the exception from sending it.
        resource: as above.
    """
    if sentence := distrust(fault):
        return CertificateRejected(sentence)
    if isinstance(fault, (requests.exceptions.ChunkedEncodingError, requests.exceptions.ContentDecodingError)):
        return ServerFault(truncated(resource))
    if isinstance(fault, TooLarge):
        return InvalidResponse(
            f"LinkedIn's answer from {resource} is larger than {LARGEST_BODY // 2**20} MB, the most that the tap "
            "reads. Set a smaller page_size for the stream in stream_options."
        )
    if isinstance(fault, TooSlow):
        return InvalidResponse(
            f"LinkedIn's answer from {resource} came too slowly, and the tap stopped waiting for it. Check the "
            "network, or set a smaller page_size for the stream in stream_options."
        )
    return ServerFault(f"LinkedIn did not answer {resource} ({type(fault).__name__}). Check the network and api_url.")


def truncated(resource: str) -> str:
    """The sentence for an answer that is cut short or unusable."""
    return (
        f"LinkedIn's answer from {resource} is cut short or otherwise broken, so none of it is used. Run again: the "
        "tap continues from its state. If this happens again, set a smaller page_size for the stream in "
        "stream_options."
    )


def _refusal(response: requests.Response, resource: str, body: object) -> DmaError | None:
    told = body if isinstance(body, dict) else {}
    if response.status_code != requests.codes.ok:
        return _error(response, response.status_code, resource, told)
    if is_web_page(response):
        return InvalidResponse(
            f"A web page answered for {resource} (200), such as a login page or a page of a proxy. Check the network, "
            "HTTPS_PROXY and api_url.",
            response.status_code,
        )
    form = form_of(response, resource)
    if status := error_status(told, form):
        return _error(response, status, resource, told)
    # A page of a member's snapshot has one element at most, which may come without a list around it.
    if not is_well_formed(told, form, may_be_one=product_of(resource) is MEMBER):
        return InvalidResponse(truncated(resource), 500)
    if form == "batch" and says_nothing(told):
        return NothingSaid(
            f"LinkedIn's answer from {resource} mentions nothing that was requested. Run again later.", told
        )
    return None


def elements(body: Body) -> Sequence[Body]:
    """The elements of a listing's page; a page without them is empty."""
    listed = body.get("elements") or []
    return [listed] if isinstance(listed, Mapping) else listed


def _error(response: requests.Response, status: int, resource: str, body: Body) -> DmaError:
    code, message = _code(body), str(body.get("message", ""))
    said, product = f"{status} {code}".strip(), product_of(resource)
    if status == 426 or code == "VERSION_MISSING":
        problem = _version_error(response, resource, said)
        return VersionNotServed(problem) if status == 426 else VersionRejected(problem)
    if status == 401:
        return _token_error(code, message, product)
    if status == 403:
        named = _NAMED_METHOD.search(message)
        refused = named[0] if named else resource
        return AccessDenied(f"LinkedIn refused {refused} (403). {product.refused}", refused)
    if status == 404 and _NO_DATA.search(message):
        return NoDataFound(f"LinkedIn has no data, or no more, at {resource} (404).")
    if status in (404, 410):
        return NotFound(
            f"LinkedIn has nothing at {resource} ({status}): it was removed, or no product of your app includes it. "
            "Look at the Products tab of your app at LinkedIn, or deselect the stream."
        )
    if status == 429:
        return _throttling(response, resource, message)
    if status == 414:
        return TooLong(
            f"The request to {resource} is longer than LinkedIn accepts (414). Request less at once with "
            "stream_options."
        )
    if 400 <= status < 500 and status not in _PASSING:
        return _bad_request(said, resource, body)
    if status >= 500 or status in _PASSING:
        kind = InvalidResponse if status == 500 else ServerFault
        return kind(f"LinkedIn failed on {resource} ({status}). Try again later.", status, retry_after(response))
    if status in _REDIRECTS:
        return DmaError(f"LinkedIn answered {resource} with a redirect ({status}), which the token must not follow.")
    return InvalidResponse(
        f"LinkedIn answered {resource} with {status}, which holds nothing to read. Run again later. If this happens "
        "often, check api_url and any proxy on the way.",
        status,
    )


def _code(body: Body) -> str:
    """LinkedIn's code for the error; "" for anything else, which might be a URN."""
    code = body.get("code")
    return code if isinstance(code, str) and re.fullmatch(r"[A-Z][A-Z0-9_]*", code) else ""


def _version_error(response: requests.Response, resource: str, said: str) -> str:
    sent = response.request.headers.get("LinkedIn-Version", "") if response.request else ""
    if product_of(resource) is MEMBER:
        then = "It is the only one for member data so far, and no setting changes it: upgrade tap-linkedin-dma."
    elif sent == NEWEST_VERSION:
        then = (
            "It is the newest that this release was checked with: upgrade tap-linkedin-dma, or set linkedin_version "
            "to a month that LinkedIn's DMA documentation names."
        )
    else:
        then = f"Set linkedin_version to {NEWEST_VERSION}, the newest that this release was checked with."
    return f"LinkedIn does not serve {resource} in version {sent or 'none'} ({said}). {then}"


def _token_error(code: str, message: str, product: Product) -> TokenRejected:
    setting = product.setting
    # LinkedIn's numbers for these contradict each other, so the code decides first, then the message.
    for words in (code.lower(), message.lower()):
        if "empty" in words or "authentication schema" in words:
            return TokenMissing(f"LinkedIn saw no access token (401). Check that the setting {setting} is not empty.")
        if "expired" in words:
            return TokenRejected(f"The access token has expired (401). {product.log_in}, or set a new {setting}.")
        if "revoked" in words:
            return TokenRejected(
                "The access token was revoked (401): by its member, or by a later token with other scopes. "
                f"{product.log_in}, or set a new {setting}."
            )
    return TokenRejected(
        f"LinkedIn does not accept the access token (401). {product.log_in}, or copy {setting} again, all of it."
    )


def _throttling(response: requests.Response, resource: str, message: str) -> DmaError:
    if re.search(r"\bDAY\b", message):
        return DailyLimit.of(resource, is_members="MEMBER" in message)
    return Throttled(
        f"LinkedIn kept answering {resource} with too many requests (429). Raise its interval in request_intervals.",
        retry_after(response),
    )


def retry_after(response: requests.Response) -> float | None:
    """The seconds LinkedIn asks to wait, without a maximum; None if it does not say.

    A date counts from the answer's own date, so that only LinkedIn's clock matters.
    """
    value = response.headers.get("Retry-After", "")
    if re.fullmatch(r"\d+(\.\d+)?", value):
        return float(value)
    try:
        until, now = (parsedate_to_datetime(text) for text in (value, response.headers.get("Date", "")))
        return max(0.0, (until - now).total_seconds())
    except (ValueError, TypeError):
        return None


def _bad_request(said: str, resource: str, body: Body) -> BadRequest:
    """The error of a 400, with the parameters that LinkedIn blames: in its details, else in quotes, else any word."""
    details = body.get("errorDetails")
    errors = details.get("inputErrors") if isinstance(details, Mapping) else None
    listed = [error for error in errors if isinstance(error, Mapping)] if isinstance(errors, list) else []
    paths = [path for error in listed if (path := _field_path(error))]
    naming = f", naming {', '.join(paths)}" if paths else ""
    message = str(body.get("message", ""))
    named = frozenset(re.findall(r"\w+", " ".join(paths or _QUOTED_NAME.findall(message) or [message])))
    return BadRequest(f"LinkedIn refused the request to {resource} ({said}){naming}.", named)


def _field_path(error: Body) -> str | None:
    found = error.get("input")
    for step in ("inputPath", "fieldPath"):
        found = found.get(step) if isinstance(found, Mapping) else None
    return found if isinstance(found, str) and re.fullmatch(r"[\w/.\[\]]+", found) else None
