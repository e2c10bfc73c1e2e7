"""Asking LinkedIn: the stream base class that can."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import requests
from singer_sdk.streams import RESTStream

from tap_linkedin_dma.api import responses, restli
from tap_linkedin_dma.api.batch_get import Batches
from tap_linkedin_dma.api.errors import (
    BadRequest,
    CursorRefused,
    DailyLimit,
    DmaError,
    MixedScopes,
    NothingSaid,
    Throttled,
    TokenMissing,
    TokenNotPropagated,
    TokenRejected,
)
from tap_linkedin_dma.api.pagination import Paginator
from tap_linkedin_dma.api.responses import Body
from tap_linkedin_dma.api.results import BatchResult
from tap_linkedin_dma.api.retries import RetryPolicy
from tap_linkedin_dma.state.checkpoints import Checkpoint
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.helpers.types import Auth
    from singer_sdk.tap_base import Tap

_T = TypeVar("_T")

_LONGEST_QUERY = 4000
"""Characters; a query string of more than 4 KB answers 414."""

_RESTLI_METHODS = {"ids": "BATCH_GET", "q": "FINDER", "bq": "BATCH_FINDER"}
"""The method a query string stands for, by the parameter that it has; GET_ALL has none of these."""

_TRACE_HEADERS = ("x-li-uuid", "x-li-fabric", "x-li-request-id")


class DmaStream(RESTStream[None]):
    """A stream that can ask LinkedIn."""

    name: str = ""

    resource: ClassVar[str]
    """The name in the URL of what the stream's rows come from."""

    version: ClassVar[str | None] = None
    """The only version this product has; None goes by the setting `linkedin_version`."""

    allow_redirects = False
    path = ""

    def __init__(self, tap: Tap, connection: RunContext) -> None:
        self.connection = connection
        super().__init__(tap)
        self._made: dict[str, Future[Any]] = {}
        self._retries = RetryPolicy(
            connection.limits, self.config["max_tries"], float(self.config["longest_wait"]), self.logger
        )
        self.batches = Batches(self._retries, connection.map_concurrently, self.logger)

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

    def compute_once(self, name: str, make: Callable[[], _T]) -> _T:
        """What this stream asks for once a run, whichever streams want it; see `Baton.compute_once`."""
        return self.connection.run_lock.compute_once(self._made, name, make)

    def fetch(self, path: str, query: str = "", tries: int | None = None) -> Body:
        """Ask for one thing, in its turn, as often as it takes.

        Args:
            path: a resource's name, with the keys that stand around it, encoded.
            query: the query string, encoded.
            tries: how often at most where the answer may be an error for good; None leaves that to the settings.

        Raises:
            DmaError: when LinkedIn will not answer, or not any more.
        """
        resource = resource_at(path)
        # Not by the SDK, which would have the token set, and perhaps renewed, before other threads may go on.
        headers = {"User-Agent": self.user_agent, "Accept-Encoding": "gzip, deflate", **self.http_headers}
        request = requests.Request(url=f"{self.url_base}/{path}", **_method(query, headers)).prepare()
        with self.connection.run_lock.released():
            try:
                return self._retries.call(partial(self._attempt, request, resource), resource, tries)
            except NothingSaid as nothing:
                # Told so as often as it was asked, it is LinkedIn's answer: any id may be missing without a word.
                return nothing.body

    def fetch_pages(self, path: str, params: Mapping[str, object], paginator: Paginator) -> Iterator[Body]:
        """Ask for a listing, page after page; an empty page counts as one."""
        with self.connection.progress.walk(self.name, params, paginator.cursor) as met:
            query = paginator.query(params)
            while True:
                try:
                    body = self.fetch(path, query)
                except BadRequest as refused:
                    if "paginationCursor=" in query:
                        raise CursorRefused(str(refused)) from None
                    raise
                met(body)
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

    def restart_if_cursor_refused(
        self, fetch_pages: Callable[[], Iterator[_T]], checkpoint: Checkpoint
    ) -> Iterator[_T]:
        """What a walk gives; it begins again at the start, once, where LinkedIn does not take its cursor any more."""
        try:
            yield from fetch_pages()
        except CursorRefused as refused:
            self.logger.warning("%s: the listing is walked again from its start. %s", self.name, refused)
            checkpoint.reset()
            yield from fetch_pages()

    def batch_get(self, resource: str, ids: Iterable[str | int], **params: object) -> BatchResult:
        """Read entities whole, as many a request as LinkedIn lets it be, side by side; see `Batches`.

        An id that LinkedIn withholds, does not know or leaves out is `lacking` in the result; the log
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

    def _attempt(self, request: requests.PreparedRequest, resource: str) -> Body:
        try:
            return self._send(request, resource)
        except (MixedScopes, TokenMissing):
            raise
        except TokenRejected as rejected:
            if self.connection.token.is_fresh:
                raise TokenNotPropagated(str(rejected)) from None
            if not self.connection.token.renew(request):
                raise
        return self._attempt(request, resource)

    def _send(self, request: requests.PreparedRequest, resource: str) -> Body:
        with self.connection.progress.call(self.name, request, self.connection.limits.slot(resource)):
            response = self._exchange(request, resource)
            try:
                return responses.read(response, resource)
            except DmaError as refusal:
                # Before its turn is over, or the next request would leave meanwhile.
                self._heed(refusal, resource)
                traces = [f"{name} {value}" for name in _TRACE_HEADERS if (value := response.headers.get(name))]
                self.logger.info("LinkedIn answered %s with %d %s", resource, response.status_code, ", ".join(traces))
                raise

    def _heed(self, refusal: DmaError, resource: str) -> None:
        limits = self.connection.limits
        if isinstance(refusal, Throttled):
            limits.serialize(resource)
            if refusal.wait is None and limits.use_long_interval(resource):
                with self.connection.run_lock.holding():
                    self.connection.run.remember_throttled(resource)
        elif isinstance(refusal, DailyLimit):
            limits.exhaust(resource, refusal)

    def _exchange(self, request: requests.PreparedRequest, resource: str) -> requests.Response:
        send, request_settings = self.connection.session.send, self.connection.request_settings
        authorized = self.connection.token(request)
        try:
            return send(authorized, allow_redirects=False, **request_settings)
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
