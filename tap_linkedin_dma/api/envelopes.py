"""The form that a request's answer must have: an error, or nothing at all, may come with status 200."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal
from urllib.parse import urlsplit

import requests

from tap_linkedin_dma.api.json_bodies import Body, mapping

Form = Literal["entity", "listing", "batch"]
"""An entity's fields may have any name; a listing has `elements`, a batch `results`."""

_LISTING = {"q", "bq", "start", "count"}
"""Parameters of listings: each has at least one of them."""

_ERROR_FIELDS = {
    *("status", "message", "code", "serviceErrorCode", "errorCode", "errorDetailType", "errorDetails", "requestId"),
    *("timestamp", "error", "error_description", "errors", "exceptionClass", "stackTrace", "docUrl"),
}
"""Rest.li's fields of an error, and those of others that may answer in LinkedIn's place."""


def form_of(response: requests.Response, resource: str) -> Form:
    """The form that was asked for: an entity has an address of its own, or a query without a listing's parameters."""
    request = response.request
    url = urlsplit((request.url if request else None) or "")
    body = request.body if request else None
    query = body.decode() if isinstance(body, bytes) else body if isinstance(body, str) else url.query
    names = {part.partition("=")[0] for part in query.split("&")}
    if not url.path.endswith(f"/{resource}"):
        return "entity"
    return "batch" if "ids" in names else "listing" if names & _LISTING else "entity"


def error_status(body: Body, form: Form) -> int | None:
    """The status of an error that came with 200: 500 if the body does not say which; None for no error.

    An entity may have fields of the same names, so there it must have no others. A listing and a batch have none of
    them, except the errors by id of a batch.
    """
    status = body.get("status")
    is_status = type(status) is int and 400 <= status < 600
    tells = (
        is_status
        or type(body.get("serviceErrorCode")) is int
        or any(isinstance(body.get(name), str) for name in ("message", "exceptionClass"))
        or bool(body.get("error") or (form != "batch" and body.get("errors")))
    )
    if form == "entity":
        tells = tells and _ERROR_FIELDS.issuperset(body)
    return (status if is_status else 500) if tells else None


def is_well_formed(body: Body, form: Form, *, may_be_one: bool) -> bool:
    """Whether a body has the form that was asked for.

    Args:
        body: of an answer with status 200 that reports no error.
        form: the one asked for.
        may_be_one: whether a listing may have a single element in place of the list.
    """
    if form == "entity":
        return bool(body)
    if form == "listing":
        listed = body.get("elements")
        return _are_objects(listed) if isinstance(listed, list) else may_be_one and isinstance(listed, dict)
    results = body.get("results")
    if results:
        return isinstance(results, dict) and _are_objects(one for one in results.values() if one is not None)
    statuses = mapping(body.get("statuses"))
    # An id with status 200 must have an entity; a refused one need not.
    is_promised = any(status == requests.codes.ok for status in statuses.values())
    return not is_promised and (results == {} or bool(statuses or mapping(body.get("errors"))))


def says_nothing(body: Body) -> bool:
    """Whether a batch has neither an entity nor a status nor an error for any id."""
    return not any(mapping(body.get(name)) for name in ("results", "statuses", "errors"))


def _are_objects(values: Iterable[object]) -> bool:
    return {dict}.issuperset(map(type, values))
