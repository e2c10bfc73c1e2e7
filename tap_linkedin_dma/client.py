"""Asking LinkedIn: the stream base class that can."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import requests
from singer_sdk.streams import RESTStream

from tap_linkedin_dma import answers, restli
from tap_linkedin_dma.answers import Body
from tap_linkedin_dma.connection import Connection
from tap_linkedin_dma.errors import (
    BadRequest,
    CursorRefused,
    Passing,
    ServerFault,
    Throttled,
    TokenRejected,
    TokenTooFresh,
    TokenUnseen,
)
from tap_linkedin_dma.pacing import retry
from tap_linkedin_dma.paginators import Paginator
from tap_linkedin_dma.rows import Entity, chunks, dig

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Auth
    from singer_sdk.tap_base import Tap

_T = TypeVar("_T")

MAX_BATCH = 50
"""Ids in one BATCH_GET: LinkedIn documents no limit for most resources, and 50 for its siblings."""

_LONGEST_QUERY = 4000
"""Characters; a query string of more than 4 KB answers 414."""

_RESTLI_METHODS = {"ids": "BATCH_GET", "q": "FINDER", "bq": "BATCH_FINDER"}
"""The method a query string stands for, by the parameter that it has; GET_ALL has none of these."""

_THROTTLED_TRIES = 8
_THROTTLED_WAIT = 60.0
"""Seconds to wait at a first 429 that does not say, on a resource without an interval."""

_FAULT_TRIES = 4
_FRESH_TRIES = 5
_LONGEST_WAIT = 900.0
_TRACE_HEADERS = ("x-li-uuid", "x-li-fabric", "x-li-request-id")


class Entities(dict[str, Entity]):
    """What a BATCH_GET gave, by what it was asked for."""

    def __init__(self, entities: Mapping[str, Entity] | None = None) -> None:
        super().__init__(entities or {})
        self.lacking: dict[str, int | None] = {}
        """The status that LinkedIn gave in place of an entity; None for none."""

    def take(self, asked: Mapping[str, Sequence[str]], body: Body) -> None:
        """Take in an answer, whose maps have no order.

        Args:
            asked: what was asked for, and the keys that each may have in the answer.
            body: the answer.
        """
        results = {key: entity for key, entity in _decoded(body.get("results")).items() if isinstance(entity, Mapping)}
        statuses, errors = _decoded(body.get("statuses")), _decoded(body.get("errors"))
        for name, keys in asked.items():
            if found := next((key for key in keys if key in results), None):
                self[name] = results[found]
            else:
                given = (statuses.get(key) or dig(errors.get(key), "status") for key in keys)
                self.lacking[name] = next((status for status in given if isinstance(status, int)), None)

    def add(self, others: Entities) -> None:
        """Take over what another answer gave."""
        self.update(others)
        self.lacking.update(others.lacking)


def _decoded(keyed: object) -> dict[str, Any]:
    """A map of an answer by its keys as they are; the protocol lets a server percent-encode them."""
    if not isinstance(keyed, Mapping):
        return {}
    # A key that came decoded may hold a percent sign of its own, so both readings stand.
    return {restli.decode_key(name): value for name, value in keyed.items()} | dict(keyed)


class DmaStream(RESTStream[None]):
    """A stream that can ask LinkedIn."""

    name: str = ""

    resource: ClassVar[str]
    """The name in the URL of what the stream's rows come from."""

    version: ClassVar[str | None] = None
    """The only version this product has; None goes by the setting `linkedin_version`."""

    allow_redirects = False
    path = ""

    def __init__(self, tap: Tap, connection: Connection) -> None:
        self.connection = connection
        super().__init__(tap)

    @property
    def url_base(self) -> str:
        return f"{self.config['api_url']}/rest"

    @property
    def http_headers(self) -> dict[str, str]:
        return {
            "LinkedIn-Version": self.version or self.config["linkedin_version"],
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
        }

    @property
    def requests_session(self) -> requests.Session:
        return self.connection.session

    @property
    def authenticator(self) -> Auth:
        return self.connection.token

    @property
    def timeout(self) -> int:
        return 60

    def fetch(self, path: str, query: str = "") -> Body:
        """Ask for one thing, in its turn, as often as it takes.

        Args:
            path: a resource's name, with the keys that stand around it, encoded.
            query: the query string, encoded.

        Raises:
            DmaError: when LinkedIn will not answer, or not any more.
        """
        resource = _resource(path)
        request = self.build_prepared_request(url=f"{self.url_base}/{path}", **_method(query, self.http_headers))

        def attempt() -> Body:
            return self._attempt(request, resource)

        def wait(fault: Passing, tries: int) -> None:
            self._hold_after(fault, resource, tries)

        patient = retry(attempt, TokenTooFresh, tries=_FRESH_TRIES, wait=wait)
        patient = retry(patient, ServerFault, tries=_FAULT_TRIES, wait=wait)
        return retry(patient, Throttled, tries=_THROTTLED_TRIES, wait=wait)()

    def walk(self, path: str, params: Mapping[str, object], paginator: Paginator) -> Iterator[Body]:
        """Ask for a listing, page after page; an empty page counts as one."""
        query = paginator.query(params)
        while True:
            try:
                body = self.fetch(path, query)
            except BadRequest as refused:
                if "paginationCursor=" in query:
                    raise CursorRefused(str(refused)) from None
                raise
            yield body
            if not paginator.advance(body):
                return
            query = paginator.query(params)

    def again(self, walk: Callable[[], Iterator[_T]]) -> Iterator[_T]:
        """What a walk gives; the walk is begun again, once, where LinkedIn does not take its cursor any more."""
        try:
            yield from walk()
        except CursorRefused as refused:
            self.logger.warning("%s: the listing is walked again from its start. %s", self.name, refused)
            yield from walk()

    def batch_get(self, resource: str, ids: Iterable[str | int], **params: object) -> Entities:
        """Read entities whole, as many a request as LinkedIn lets it be, side by side.

        An id that LinkedIn withholds, does not know or leaves out is `lacking` in the result; the log
        says how many of them there are, and why.

        Args:
            resource: the name in the URL.
            ids: URNs or numbers; none makes no request.
            params: further parameters of the request.

        Returns:
            The entities by the text of the id asked for, in the order of the ids.
        """
        batches = list(chunks(list(dict.fromkeys(ids)), MAX_BATCH))
        queries = [restli.query({"ids": batch, **params}) for batch in batches]
        found = Entities()
        bodies = self.connection.map(lambda query: self.fetch(resource, query), queries)
        for batch, body in zip(batches, bodies, strict=True):
            found.take({str(id_): [str(id_)] for id_ in batch}, body)
        self.warn_of_lacking(resource, found.lacking)
        return found

    def warn_of_lacking(self, resource: str, lacking: Mapping[str, int | None]) -> None:
        """Say how many entities LinkedIn did not give, and with which status."""
        if lacking:
            statuses = Counter(str(status or "no status") for status in lacking.values())
            counts = ", ".join(f"{status}: {count}" for status, count in sorted(statuses.items()))
            self.logger.warning("%s: %d not given by LinkedIn (%s)", resource, len(lacking), counts)

    def _attempt(self, request: requests.PreparedRequest, resource: str) -> Body:
        try:
            return self._send(request, resource)
        except TokenUnseen:
            raise
        except TokenRejected as rejected:
            if self.connection.token.is_fresh:
                raise TokenTooFresh(str(rejected)) from None
            if not self.connection.token.renew(request):
                raise
        return self._attempt(request, resource)

    def _send(self, request: requests.PreparedRequest, resource: str) -> Body:
        session = self.connection.session
        settings = session.merge_environment_settings(request.url, {}, None, None, None)
        with self.connection.pace.turn(resource):
            request = self.connection.token(request)
            try:
                response = session.send(request, timeout=self.timeout, allow_redirects=False, **settings)
            except requests.RequestException as fault:
                # The text of the fault holds the URL, and that a member's URN.
                msg = f"LinkedIn did not answer {resource} ({type(fault).__name__}). Check the network and api_url."
                raise ServerFault(msg) from None
        if not response.ok:
            traces = [f"{name} {value}" for name in _TRACE_HEADERS if (value := response.headers.get(name))]
            self.logger.info("LinkedIn answered %s with %d %s", resource, response.status_code, ", ".join(traces))
        return answers.read(response, resource)

    def _hold_after(self, fault: Passing, resource: str, tries: int) -> None:
        pace = self.connection.pace
        if isinstance(fault, Throttled):
            pace.one_at_a_time(resource)
            growing = (pace.interval(resource) or _THROTTLED_WAIT) * 2 ** (tries - 1)
        else:
            # LinkedIn asks for the whole interval after a call that did not come back.
            came_back = isinstance(fault, ServerFault) and fault.status is not None
            growing = 2.0**tries if came_back else max(2.0**tries, pace.interval(resource))
        seconds = fault.wait if fault.wait is not None else min(growing, _LONGEST_WAIT)
        seconds += random.uniform(0, 1)  # noqa: S311 - so that two runs do not come back together
        self.logger.info("%s: trying again in %.0f s. %s", resource, seconds, fault)
        pace.hold(resource, seconds)


def _method(query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """How a query goes out: in the URL, or as the body of a POST where the URL would be too long.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/api-guide/concepts/query-tunneling
    """
    if len(query) <= _LONGEST_QUERY:
        return {"method": "GET", "params": query, "headers": headers}
    names = [part.partition("=")[0] for part in query.split("&")]
    tunnel = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-HTTP-Method-Override": "GET",
        "X-RestLi-Method": next((_RESTLI_METHODS[name] for name in names if name in _RESTLI_METHODS), "GET_ALL"),
    }
    return {"method": "POST", "data": query, "headers": {**headers, **tunnel}}


def _resource(path: str) -> str:
    """The resource that a path leads to, whatever keys and resources stand around it.

    >>> _resource("dmaBenefitTaxonomyVersions/DEFAULT/dmaBenefits"), _resource("dmaCareerPageSettings/42")
    ('dmaBenefits', 'dmaCareerPageSettings')
    """
    parts = path.split("/")
    return next((part for part in reversed(parts) if part.startswith("dma")), parts[0])
