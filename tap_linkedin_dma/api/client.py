"""The client of LinkedIn's API: single requests, listings page by page, entities by their ids."""

from __future__ import annotations

import copy
import logging
import re
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
    PermanentError,
    ServerFault,
    Throttled,
    TokenMissing,
    TokenNotPropagated,
    TokenRejected,
    VersionNotServed,
)
from tap_linkedin_dma.api.json_bodies import Body, parsed
from tap_linkedin_dma.api.pace_file import PaceFile
from tap_linkedin_dma.api.pagination import Paginator
from tap_linkedin_dma.api.rate_limits import RateLimiter
from tap_linkedin_dma.api.results import BatchResult, in_words, is_answer
from tap_linkedin_dma.api.retries import RetryPolicy
from tap_linkedin_dma.api.transport import Transport, new_session
from tap_linkedin_dma.api.versions import ApiVersion, newest_first

_LONGEST_QUERY = 4000
"""Characters; a query string of more than 4 KB answers 414."""

_RESTLI_METHODS = {"ids": "BATCH_GET", "q": "FINDER", "bq": "BATCH_FINDER"}
"""The Rest.li method of a query, by the parameter that marks it; GET_ALL has none of these."""

_NEVER_PROPAGATED = (MixedScopes, TokenMissing)
"""Refusals of a token that no wait and no other token of the same app changes."""

_VERSION = "LinkedIn-Version"

_IN_ALL_VERSIONS = "dmaMe"
"""The resource that shows whether LinkedIn serves a version: one object, without parameters."""

_TRACE_HEADERS = ("x-li-uuid", "x-li-fabric", "x-li-request-id")


class Token(Protocol):
    """The access token that requests carry."""

    @property
    def is_fresh(self) -> bool:
        """Whether it was renewed so recently that some of LinkedIn's servers may not know it yet."""

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Put the token into a request."""

    def renew(self, refused: requests.PreparedRequest) -> bool:
        """Replace the token that this request carried; whether there is a new one."""

    def ask_for_scopes(self) -> None:
        """Refuse the token if LinkedIn says that it has scopes which may not be combined with those of the tap."""


class Observer(Protocol):
    """Measures requests and listings, for the figures of a run."""

    def call(
        self, name: str, request: requests.PreparedRequest, slot: AbstractContextManager[None]
    ) -> AbstractContextManager[None]:
        """Wait for the slot of a stream's request, and measure the request."""

    def listing(
        self, name: str, params: Mapping[str, object], cursor: str | None
    ) -> AbstractContextManager[Callable[[Body], None]]:
        """Measure a listing; yields a function to call with each of its pages."""


class Recorder(Protocol):
    """Keeps the shapes of requests and answers, for the wire report."""

    def record(
        self,
        stream: str,
        resource: str,
        request: requests.PreparedRequest,
        status: int,
        body: object,
        *,
        is_answer: bool,
    ) -> None:
        """Take in one request and its answer.

        Args:
            stream: the name of the stream that made it; "" for none.
            resource: the name in the URL.
            request: as sent.
            status: of the answer.
            body: its JSON; None if it is none.
            is_answer: whether it is what was asked for.
        """


class Workers(Protocol):
    """Threads that make requests concurrently, while one at a time runs the tap's own code."""

    def released(self) -> AbstractContextManager[None]:
        """Release the run lock while this thread waits."""

    def map(
        self, function: Callable[[Sequence[str]], BatchResult], items: Iterable[Sequence[str]]
    ) -> Iterator[BatchResult]:
        """Call a function for each item, concurrently, and yield the results in order."""


class Client:
    """Sends requests with one token.

    Args:
        config: the tap's settings.
        token: goes into each request.
        clock: where the time comes from.
        workers: read batches concurrently.
        observer: measures each request.
        on_throttled: called with a resource when LinkedIn's throttling first forces its long interval.
        on_missing: called with a resource and the number of entities that LinkedIn does not return.
        recorder: takes in each request and its answer, if a wire report is wanted.
    """

    def __init__(
        self,
        config: Mapping[str, Any],
        token: Token,
        clock: Clock,
        workers: Workers,
        observer: Observer,
        on_throttled: Callable[[str], None],
        on_missing: Callable[[str, int], None],
        recorder: Recorder | None = None,
    ) -> None:
        self.token = token
        shared = PaceFile(config, clock) if config.get("pace_file") else None
        self.limits = RateLimiter(config["request_intervals"], config["max_concurrency"], clock, shared)
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
            "X-Restli-Protocol-Version": "2.0.0",
            "Accept": "application/json",
        }
        self.version = ApiVersion(config.get("linkedin_version"))
        self._workers = workers
        self._observer = observer
        self._on_throttled = on_throttled
        self._on_missing = on_missing
        self._recorder = recorder
        self._use("", logging.getLogger(__name__))

    def for_stream(self, name: str, version: str | None, logger: logging.Logger) -> Client:
        """A copy of this client for one stream, with the same session, token and limits.

        Args:
            name: the stream's, for the figures of the run.
            version: the only API version that the stream's product has; None uses the setting `linkedin_version`.
            logger: logs retries and errors of its requests.
        """
        client = copy.copy(self)
        if version:
            client.version = ApiVersion(version)
        client._use(name, logger)
        return client

    def _use(self, name: str, logger: logging.Logger) -> None:
        self._name = name
        self._logger = logger
        self._retries = RetryPolicy(self.limits, self._max_tries, self._longest_wait, logger)
        self.batches = BatchGet(self._retries, self._workers.map, self._note_missing)

    def url(self, path: str) -> str:
        """The address of a resource."""
        return f"{self._url}/{path}"

    def fetch(
        self,
        path: str,
        query: str = "",
        tries: int | None = None,
        translate: Callable[[ServerFault], DmaError] | None = None,
        *,
        may_say_nothing: bool = False,
    ) -> Body:
        """Make one request when its resource allows, with retries.

        Args:
            path: a resource's name, with the keys before or after it, encoded.
            query: the query string, encoded.
            tries: at most this many if the error may be permanent; None leaves that to the settings.
            translate: the error to raise in place of a server fault, before any retry.
            may_say_nothing: whether a batch with no entity and no status is an answer, and no reason to try again.

        Raises:
            DmaError: if LinkedIn does not answer, or refuses.
        """
        resource, request = resource_at(path), self._request(path, query)

        def attempt() -> Body:
            try:
                return self._attempt(request, resource, translate)
            except NothingSaid as nothing:
                if may_say_nothing:
                    return nothing.body
                raise

        with self._workers.released():
            try:
                return self._retries.call(attempt, resource, tries)
            except NothingSaid as nothing:
                # The same after every try, it is LinkedIn's answer: any id may be missing without a status.
                return nothing.body

    def fetch_pages(self, path: str, params: Mapping[str, object], paginator: Paginator) -> Iterator[Body]:
        """Request a listing, page after page, empty pages included."""
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
                    # Before the page is yielded, so that its reader knows the next cursor.
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
        """Read entities, in batches of the largest size, concurrently; see `BatchGet`.

        An id that LinkedIn withholds, does not know or leaves out is in `missing` of the result.

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

    def _note_missing(self, resource: str, missing: Mapping[str, int | None]) -> None:
        """Count the ids that LinkedIn does not return; a warning if that is no answer."""
        self._logger.debug("%s: %d not returned by LinkedIn (%s)", resource, len(missing), in_words(missing))
        unanswered = {id_: status for id_, status in missing.items() if not is_answer(status)}
        if unanswered:
            logged = (resource, len(unanswered), in_words(unanswered))
            self._logger.warning("%s: LinkedIn gave no answer about %d (%s).", *logged)
        self._on_missing(resource, len(missing) - len(unanswered))

    def serves(self, version: str) -> bool:
        """Whether LinkedIn serves a version of the API to this token.

        Raises:
            DmaError: if LinkedIn does not answer.
        """
        request = self._request(_IN_ALL_VERSIONS)
        request.headers[_VERSION] = version
        try:
            self._retries.call(partial(self._send, request, _IN_ALL_VERSIONS), _IN_ALL_VERSIONS)
        except VersionNotServed:
            return False
        except PermanentError:
            # What this token may read does not depend on the version.
            return True
        return True

    def newest_served(self) -> str | None:
        """The newest version known to this release that LinkedIn serves; None if it serves none of them."""
        return next(filter(self.serves, newest_first("")), None)

    def _request(self, path: str, query: str = "") -> requests.PreparedRequest:
        return requests.Request(url=self.url(path), **_method(query, self._headers)).prepare()

    def _attempt(
        self,
        request: requests.PreparedRequest,
        resource: str,
        translate: Callable[[ServerFault], DmaError] | None,
    ) -> Body:
        request.headers[_VERSION] = sent = self.version.current
        try:
            return self._send(request, resource)
        except VersionNotServed:
            if not self.version.replace(sent, self.serves, self._logger):
                raise
        except ServerFault as fault:
            if translate:
                raise translate(fault) from None
            raise
        except _NEVER_PROPAGATED:
            raise
        except TokenRejected:
            if not self.token.renew(request):
                raise
        return self._attempt(request, resource, translate)

    def _send(self, request: requests.PreparedRequest, resource: str) -> Body:
        slot = self.limits.slot(resource, self._name, finishes=_is_batch_get(request))
        with self._observer.call(self._name, request, slot):
            authorized = self.token(request)
            # As it is sent: the answer may take longer than a token is fresh.
            was_fresh = self.token.is_fresh
            response = self._exchange(authorized, resource)
            try:
                body = responses.parse_body(response, resource)
                self._record(request, resource, response, body, is_answer=True)
                return body
            except DmaError as refusal:
                self._record(request, resource, response, None, is_answer=False)
                # Before its slot is free again, or the next request would be sent meanwhile.
                self._heed(refusal, resource)
                traces = [f"{name} {value}" for name in _TRACE_HEADERS if (value := response.headers.get(name))]
                self._logger.debug("LinkedIn answered %s with %d %s", resource, response.status_code, ", ".join(traces))
                if was_fresh and isinstance(refusal, TokenRejected) and not isinstance(refusal, _NEVER_PROPAGATED):
                    raise TokenNotPropagated(str(refusal)) from None
                raise

    def _record(
        self,
        request: requests.PreparedRequest,
        resource: str,
        response: requests.Response,
        body: object,
        *,
        is_answer: bool,
    ) -> None:
        if self._recorder:
            found = body if is_answer else parsed(response)
            self._recorder.record(self._name, resource, request, response.status_code, found, is_answer=is_answer)

    def _heed(self, refusal: DmaError, resource: str) -> None:
        if isinstance(refusal, Throttled):
            self.limits.serialize(resource)
            if refusal.wait is None and self.limits.use_long_interval(resource, share=True):
                self._on_throttled(resource)
        elif isinstance(refusal, DailyLimit):
            self.limits.exhaust(resource, refusal)

    def _exchange(self, request: requests.PreparedRequest, resource: str) -> requests.Response:
        try:
            return self.session.send(request, allow_redirects=False, **self._request_settings)
        except OSError as fault:  # the errors of requests too; their text holds the URL, and so perhaps a member's URN
            raise responses.unanswered(fault, resource) from None


def _method(query: str, headers: Mapping[str, str]) -> dict[str, Any]:
    """The method, query and headers of a request: a GET, or a POST with the query as its body if it is too long.

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


def _is_batch_get(request: requests.PreparedRequest) -> bool:
    """Whether a request reads by their ids what others have listed or named."""
    of_tunnel = request.headers.get("X-RestLi-Method") == "BATCH_GET"
    return of_tunnel or re.search(r"[?&]ids=List\(", request.url or "") is not None


def resource_at(path: str) -> str:
    """The resource that a path addresses, whatever keys and resources surround it.

    >>> resource_at("dmaBenefitTaxonomyVersions/DEFAULT/dmaBenefits"), resource_at("dmaCareerPageSettings/42")
    ('dmaBenefits', 'dmaCareerPageSettings')
    """
    parts = path.split("/")
    return next((part for part in reversed(parts) if part.startswith("dma")), parts[0])
