"""Asking LinkedIn: one request, a listing page by page, entities by their ids."""

from __future__ import annotations

import copy
import logging
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from typing import Any, Protocol

import requests

from tap_linkedin_dma.api import responses, restli
from tap_linkedin_dma.api.batch_get import BatchGet
from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import (
    BadRequest,
    CursorRefused,
    DailyLimit,
    DmaError,
    MixedScopes,
    NothingSaid,
    ServerFault,
    Throttled,
    TokenMissing,
    TokenNotPropagated,
    TokenRejected,
)
from tap_linkedin_dma.api.pagination import Paginator
from tap_linkedin_dma.api.rate_limits import RateLimiter
from tap_linkedin_dma.api.responses import Body
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.api.retries import RetryPolicy
from tap_linkedin_dma.api.transport import Transport, new_session

_LONGEST_QUERY = 4000
"""Characters; a query string of more than 4 KB answers 414."""

_RESTLI_METHODS = {"ids": "BATCH_GET", "q": "FINDER", "bq": "BATCH_FINDER"}
"""The method a query string stands for, by the parameter that it has; GET_ALL has none of these."""

_TRACE_HEADERS = ("x-li-uuid", "x-li-fabric", "x-li-request-id")


class Token(Protocol):
    """The access token that requests carry."""

    @property
    def is_fresh(self) -> bool:
        """Whether it was renewed so lately that LinkedIn may not know it everywhere."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into a request."""

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Get another one in place of the one that this request carried; whether there is one."""


class Observer(Protocol):
    """Follows what is asked, for the figures of a run."""

    def call(
        self, name: str, request: requests.PreparedRequest, slot: AbstractContextManager[None]
    ) -> AbstractContextManager[None]:
        """Wait for the slot of a request that is made for this stream, and follow the request."""

    def listing(
        self, name: str, params: Mapping[str, object], cursor: str | None
    ) -> AbstractContextManager[Callable[[Body], None]]:
        """Follow a listing; yields what each of its pages is given to."""


class Workers(Protocol):
    """Those that do several things at once, one of them at a time running the tap's own code."""

    def released(self) -> AbstractContextManager[None]:
        """Let others run while this thread waits."""

    def map(
        self, function: Callable[[Sequence[str]], BatchResult], items: Iterable[Sequence[str]]
    ) -> Iterator[BatchResult]:
        """Call a function for each item, side by side, and give the results in order."""


class Client:
    """Asks LinkedIn with one token.

    Args:
        config: the tap's settings.
        token: goes into each request.
        clock: where the time comes from.
        workers: read batches side by side.
        observer: follows each request.
        on_throttled: is given a resource whose long interval LinkedIn has insisted on for the first time.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        token: Token,
        clock: Clock,
        workers: Workers,
        observer: Observer,
        on_throttled: Callable[[str], None],
    ) -> None:
        self.token = token
        self.limits = RateLimiter(config["request_intervals"], config["max_concurrency"], clock)
        self.session = new_session(Transport(float(config["request_timeout"]), config["max_concurrency"]))
        # urllib3 writes every URL into its debug log, and URLs hold the URNs of members.
        logging.getLogger("urllib3").setLevel(logging.INFO)
        # All requests go to one host, and looking for its proxy takes as long as half of a request.
        self._request_settings = self.session.merge_environment_settings(config["api_url"], {}, None, None, None)
        self._url = f"{config['api_url']}/rest"
        self._max_tries: int = config["max_tries"]
        self._longest_wait = float(config["longest_wait"])
        self._headers = {
            "User-Agent": config["user_agent"],
            "Accept-Encoding": "gzip, deflate",
            "LinkedIn-Version": config["linkedin_version"],
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
        }
        self._workers = workers
        self._observer = observer
        self._on_throttled = on_throttled
        self._use("", logging.getLogger(__name__))

    def for_stream(self, name: str, version: str | None, logger: logging.Logger) -> Client:
        """This client as a stream uses it; session, token and limits are shared by all.

        Args:
            name: the stream's, for the figures of the run.
            version: the only one that its product has; None goes by the setting `linkedin_version`.
            logger: is given what is worth knowing of its requests.
        """
        client = copy.copy(self)
        if version:
            client._headers = {**self._headers, "LinkedIn-Version": version}
        client._use(name, logger)
        return client

    def _use(self, name: str, logger: logging.Logger) -> None:
        self._name = name
        self._logger = logger
        self._retries = RetryPolicy(self.limits, self._max_tries, self._longest_wait, logger)
        self.batches = BatchGet(self._retries, self._workers.map, logger)

    def url(self, path: str) -> str:
        """The address of a resource."""
        return f"{self._url}/{path}"

    def fetch(
        self,
        path: str,
        query: str = "",
        tries: int | None = None,
        translate: Callable[[ServerFault], DmaError] | None = None,
    ) -> Body:
        """Ask for one thing, in its turn, as often as it takes.

        Args:
            path: a resource's name, with the keys that stand around it, encoded.
            query: the query string, encoded.
            tries: how often at most where the answer may be an error for good; None leaves that to the settings.
            translate: gives the fault to take in place of one of LinkedIn's servers, before it is tried again.

        Raises:
            DmaError: when LinkedIn will not answer, or not any more.
        """
        resource = resource_at(path)
        request = requests.Request(url=self.url(path), **_method(query, self._headers)).prepare()
        with self._workers.released():
            try:
                return self._retries.call(partial(self._attempt, request, resource, translate), resource, tries)
            except NothingSaid as nothing:
                # Told so as often as it was asked, it is LinkedIn's answer: any id may be missing without a word.
                return nothing.body

    def fetch_pages(self, path: str, params: Mapping[str, object], paginator: Paginator) -> Iterator[Body]:
        """Ask for a listing, page after page; an empty page counts as one."""
        with self._observer.listing(self._name, params, paginator.cursor) as observe:
            query = paginator.query(params)
            while True:
                try:
                    body = self.fetch(path, query)
                except BadRequest as refused:
                    if "paginationCursor=" in query:
                        raise CursorRefused(str(refused)) from None
                    raise
                observe(body)
                fault, goes_on = None, False
                try:
                    # Before the page is handed over, so that whoever reads it knows where the listing goes on.
                    goes_on = paginator.next_page(body)
                except DmaError as raised:
                    fault = raised
                yield body
                if fault:
                    raise fault
                if not goes_on:
                    return
                query = paginator.query(params)

    def batch_get(self, resource: str, ids: Iterable[str | int], **params: object) -> BatchResult:
        """Read entities whole, as many a request as LinkedIn lets it be, side by side; see `BatchGet`.

        An id that LinkedIn withholds, does not know or leaves out is `missing` in the result; the log
        says how many of them there are, and why.

        Args:
            resource: the name in the URL.
            ids: URNs or numbers; none makes no request.
            params: further parameters of the request.

        Returns:
            The entities by the text of the id asked for.
        """

        def read(ids: Sequence[str], tries: int | None = None) -> BatchResult:
            body = self.fetch(resource, restli.query({"ids": ids, **params}), tries)
            found = BatchResult()
            found.add_response({id_: [id_] for id_ in ids}, body)
            return found

        return self.batches.read(resource, list(dict.fromkeys(map(str, ids))), read)

    def _attempt(
        self,
        request: requests.PreparedRequest,
        resource: str,
        translate: Callable[[ServerFault], DmaError] | None,
    ) -> Body:
        try:
            return self._send(request, resource)
        except ServerFault as fault:
            if translate:
                raise translate(fault) from None
            raise
        except (MixedScopes, TokenMissing):
            raise
        except TokenRejected as rejected:
            if self.token.is_fresh:
                raise TokenNotPropagated(str(rejected)) from None
            if not self.token.renew(request):
                raise
        return self._attempt(request, resource, translate)

    def _send(self, request: requests.PreparedRequest, resource: str) -> Body:
        with self._observer.call(self._name, request, self.limits.slot(resource)):
            response = self._exchange(request, resource)
            try:
                return responses.parse_body(response, resource)
            except DmaError as refusal:
                # Before its slot is free again, or the next request would leave meanwhile.
                self._heed(refusal, resource)
                traces = [f"{name} {value}" for name in _TRACE_HEADERS if (value := response.headers.get(name))]
                self._logger.info("LinkedIn answered %s with %d %s", resource, response.status_code, ", ".join(traces))
                raise

    def _heed(self, refusal: DmaError, resource: str) -> None:
        if isinstance(refusal, Throttled):
            self.limits.serialize(resource)
            if refusal.wait is None and self.limits.use_long_interval(resource):
                self._on_throttled(resource)
        elif isinstance(refusal, DailyLimit):
            self.limits.exhaust(resource, refusal)

    def _exchange(self, request: requests.PreparedRequest, resource: str) -> requests.Response:
        authorized = self.token(request)
        try:
            return self.session.send(authorized, allow_redirects=False, **self._request_settings)
        except OSError as fault:  # what requests raises is one too; its text holds the URL, and that a member's URN
            raise responses.unanswered(fault, resource) from None


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


def resource_at(path: str) -> str:
    """The resource that a path leads to, whatever keys and resources stand around it.

    >>> resource_at("dmaBenefitTaxonomyVersions/DEFAULT/dmaBenefits"), resource_at("dmaCareerPageSettings/42")
    ('dmaBenefits', 'dmaCareerPageSettings')
    """
    parts = path.split("/")
    return next((part for part in reversed(parts) if part.startswith("dma")), parts[0])
