"""The stand-in for LinkedIn: what it serves, what it was asked, what was set to go wrong."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping
from email.message import Message
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar
from urllib.parse import parse_qs, parse_qsl, quote

from .consent import Consent
from .errors import denied, nonexistent_version, not_found
from .faults import OUTAGE_S, SETTLING_S, Fault, Faults, Plays
from .forms import Number
from .gate import MEMBER_VERSIONS, PACED, VERSIONS, Pace, check_sizes, check_version, untunnel
from .log import Log, Request, resource_of
from .methods import Resource
from .oauth import Tokens
from .profile import Profile
from .resources import RESOURCES, check_guesses, member
from .server import Server, rendered
from .world import Changes, World

_NOT_ENTERED = "the sandbox does not run: enter it first"

MEMBER_RESOURCES = {resource.name for resource in member.RESOURCES}


class Sandbox:
    """A stand-in for LinkedIn, serving while it is entered.

    Args:
        world: what it serves; a small one if left out.
        latency: seconds that each answer takes.
        intervals: seconds that two requests to a resource must be apart, by resource; none unless given.
        clock: what those are measured by, and the requests' `at`.
        token: an access token that is good from the start.
        member_token: another, for the member's own data; neither is good for what the other reads.
        port: 0 picks a free one.
        faults: what goes wrong, by name; see `faults.NAMES`. `played` counts them.
        fault_rate: the share of requests that a passing fault strikes.
        fault_seed: another seed, other moments.
        redirect_urls: where its application has the browser sent after the consent page.
        versions: the months that it serves.
        keep_answers: whether an answer is rendered once, and its bytes are sent to whoever asks the same until the next
            tick: for measuring a client, and without faults. Every request is checked all the same.
        as_reported: the JSON file of a wire report, in whose forms it answers.
    """

    client_id: ClassVar[str] = "sandbox-client"
    client_secret: ClassVar[str] = "sandbox-secret"  # noqa: S105, invented
    refresh_token: ClassVar[str] = "sandbox-refresh-token"  # noqa: S105, invented
    scope: ClassVar[str] = "r_dma_admin_pages_content"
    member_scope: ClassVar[str] = "r_dma_portability_self_serve"

    def __init__(
        self,
        world: World | None = None,
        *,
        latency: float = 0.0,
        intervals: Mapping[str, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        token: str = "sandbox-token",  # noqa: S107, invented
        member_token: str = "sandbox-member-token",  # noqa: S107, invented
        port: int = 0,
        faults: Iterable[str] = (),
        fault_rate: float = 0.05,
        fault_seed: int = 1,
        redirect_urls: Iterable[str] = ("http://localhost:8400/callback",),
        versions: Collection[str] = VERSIONS,
        keep_answers: bool = False,
        as_reported: Path | None = None,
    ) -> None:
        self.tells_silence = False
        """Whether an answer that never comes is told of at once, by a header, to a client that need not wait for it."""

        self.versions = versions
        self.world = world or World()
        self._profile = Profile.of_report(as_reported, RESOURCES) if as_reported else None
        self._resources = self._profile.resources(RESOURCES) if self._profile else RESOURCES
        self.world.guesses |= self._profile.guesses if self._profile else {}
        check_guesses(self.world.guesses)
        self.token = token
        self.member_token = member_token
        self.latency = latency
        self.clock = clock
        self.log = Log()
        self.pace = Pace(intervals or {}, clock)
        self.tokens = Tokens(self.client_id, self.client_secret, self.scope, self.refresh_token)
        self.tokens.accept(token)
        self.tokens.accept(member_token, self.member_scope)
        self.consent = Consent(self.tokens, tuple(redirect_urls), (self.scope, self.member_scope))
        self._kept: dict[object, bytes] | None = {} if keep_answers else None
        self._faults = Faults()
        last = self.world.truth.organizations[-1]
        texts = tuple(quote(urn, safe="") for urn in (last.urn, last.page_urn))
        self._plays = Plays(faults, fault_rate, fault_seed, texts)
        self._port = port
        self._stopping = threading.Event()
        self._server: Server | None = None
        self._thread: threading.Thread | None = None
        self._listening = threading.Lock()
        self._outages: list[threading.Thread] = []

    @property
    def url(self) -> str:
        """Where it answers, without a slash at the end; both the api_url and, with /oauth/v2, the oauth_url."""
        if self._server is None:
            raise RuntimeError(_NOT_ENTERED)
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def tap_settings(self) -> dict[str, Any]:
        """The settings by which the tap reads from it, without pauses but those that it insists on itself."""
        return {
            "api_url": self.url,
            "oauth_url": f"{self.url}/oauth/v2",
            "access_token": self.token,
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "request_intervals": {**dict.fromkeys(PACED, 0), **self.pace.intervals},
        }

    def __enter__(self) -> Sandbox:
        self._stopping.clear()
        self.listen()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self.refuse_connections()
        for outage in self._outages:
            outage.join()
        self._server = None

    def listen(self) -> None:
        """Take connections, again after `refuse_connections` and at the same port."""
        with self._listening:
            if self._thread is None and not self._stopping.is_set():
                port = self._server.server_address[1] if self._server else self._port
                self._server = Server(self, int(port))
                self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), name="sandbox")
                self._thread.start()

    def refuse_connections(self) -> None:
        """End all connections, and take none until `listen` is called."""
        self._refuse().server_close()

    def _refuse(self) -> Server:
        """As above, without waiting for the requests under way: their connections are ended."""
        with self._listening:
            if self._server is None:
                raise RuntimeError(_NOT_ENTERED)
            if self._thread is not None:
                self._server.shutdown()
                self._thread.join()
                # In this order: whoever is hung up on may come again at once.
                self._server.socket.close()
                self._server.hang_up()
                self._thread = None
            return self._server

    def begin_outage(self) -> None:
        """Refuse connections from now on, for a second; a request under way may call this."""
        refused = self._refuse()

        def be_away() -> None:
            # From a thread of its own, since it waits for the requests under way.
            refused.server_close()
            self._stopping.wait(OUTAGE_S)
            self.listen()

        outage = threading.Thread(target=be_away, name="outage")
        self._outages.append(outage)
        outage.start()

    @property
    def requests(self) -> list[Request]:
        """Every request so far, faults and refusals included; those to /sandbox are not."""
        return self.log.all()

    def requests_to(self, resource: str) -> list[Request]:
        """The requests to one resource, or to accessToken."""
        return [request for request in self.requests if request.resource == resource]

    @property
    def played(self) -> Counter[str]:
        """How often each fault by name has been played."""
        return self._plays.played

    def end_faults(self, *names: str) -> None:
        """Play these faults no more."""
        self._plays.end(names)

    def clear(self) -> None:
        """Forget the requests."""
        self.log.clear()

    def tick(self, days: int = 1) -> Changes:
        """Let world time pass."""
        if self._kept:
            self._kept.clear()
        return self.world.tick(days)

    def answer(
        self,
        resource: str,
        status: int = 500,
        *,
        body: Mapping[str, Any] | bytes | None = None,
        headers: Mapping[str, str] | None = None,
        times: int | None = 1,
        when: str | None = None,
        cut: bool = False,
    ) -> None:
        """Give the next `times` requests to a resource this answer (None: every one), before any check.

        `when` narrows it to requests whose raw path and query hold that text. `cut` closes the connection unanswered.
        """
        texts = () if when is None else (when,)
        self._faults.add(Fault(resource, status, body, headers or {}, times, texts, "cut" if cut else "whole"))

    def clear_answers(self) -> None:
        """Forget the answers set and not yet given."""
        self._faults.clear()

    def expire_token(self) -> None:
        """From now on every access token issued so far answers 401 EXPIRED_ACCESS_TOKEN."""
        self.tokens.end_all("expired")

    def revoke_token(self) -> None:
        """From now on every access token issued so far answers 401 REVOKED_ACCESS_TOKEN."""
        self.tokens.end_all("revoked")

    def revoke_refresh_token(self) -> None:
        """From now on the refresh token is refused."""
        self.tokens.refresh_token = None

    def authorization_code(self, redirect_uri: str) -> str:
        """A code such as the member's consent would send to this redirect URI; it works once."""
        return self.tokens.issue_code(redirect_uri, self.scope)

    def fault_for(self, path: str, asked: str) -> Fault | None:
        """What was set for this request to meet, by a test or by name, if anything."""
        if fault := self._faults.take(path, asked):
            return fault
        if not path.startswith("/rest/"):
            return None
        if ended := self._plays.token_ends():
            self.expire_token()
            if ended == "refused-refresh":
                self.revoke_refresh_token()
            if ended == "401-after-refresh":
                self.tokens.settling_s = SETTLING_S
        _, played = self._plays.fault(path, asked) or ("", None)
        return played

    def wait(self) -> None:
        """The latency, cut short when the sandbox stops."""
        if self.latency:
            self._stopping.wait(self.latency)

    def reply(
        self, method: str, path: str, query: str, body: bytes, headers: Message, fault: Fault | None = None
    ) -> dict[str, Any] | bytes:
        """As `respond`, after the faults have had their will of it; an answer that is kept comes as it is sent."""
        if not path.startswith("/rest/"):
            return self.respond(method, path, query, body, headers)
        if self._kept is None:
            found = self.respond(method, path, query, body, headers)
            return dict(self._plays.spoiled(path, query or body.decode("ascii", "replace"), found, fault))
        resource, asked = self._admit(method, path, query, body, headers)
        same = (path, headers.get("X-RestLi-Method"), *sorted(asked.split("&")))
        if same not in self._kept:
            self._kept[same] = rendered(self._found(resource, path, asked, headers), f"{path}?{asked}")
        return self._kept[same]

    def respond(self, method: str, path: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        """The body of LinkedIn's answer.

        Raises:
            Refusal: for every answer other than 200.
        """
        segments = path.strip("/").split("/")
        if segments[:2] == ["oauth", "v2"] and len(segments) == 3:
            return self.tokens.answer(segments[2], method, query, body, headers)
        if segments[0] != "rest" or len(segments) < 2:
            raise not_found(path)
        resource, asked = self._admit(method, path, query, body, headers)
        return self._found(resource, path, asked, headers)

    def _admit(self, method: str, path: str, query: str, body: bytes, headers: Message) -> tuple[Resource, str]:
        """The resource that a request may ask, and its query."""
        check_sizes(path, query, headers)
        of_member = resource_of(path) in MEMBER_RESOURCES
        scope = self.tokens.check(headers.get("Authorization"))
        check_version(headers, MEMBER_VERSIONS if of_member else self.versions, of_member=of_member)
        version = headers["LinkedIn-Version"]
        resource = self._resources.get(resource_of(path))
        if resource is None or (version < resource.since and not resource.refuses_older):
            raise not_found(f"resource '{resource_of(path)}'")
        if version < resource.since or (resource.deprecated and self.world.deprecated_gone):
            raise nonexistent_version(version)
        if of_member != (scope == self.member_scope):
            raise denied(resource.name)
        self.pace.check(resource.name)
        return resource, untunnel(method, query, body, headers)

    def _found(self, resource: Resource, path: str, asked: str, headers: Message) -> dict[str, Any]:
        if self._profile:
            self._profile.check(path, asked)
        found = resource.answer(self.world, path.strip("/").split("/")[1:], asked, headers.get("X-RestLi-Method"))
        return self._profile.shaped(path, asked, found) if self._profile else found

    def administer(self, method: str, path: str, query: str) -> dict[str, Any]:
        """The calls under /sandbox, which need no token."""
        if (method, path) == ("POST", "/sandbox/tick"):
            days = parse_qs(query).get("days", ["1"])[0]
            return vars(self.tick(int(Number(1, 1000).read("days", days))))
        if (method, path) == ("GET", "/sandbox/requests"):
            return self.log.summary()
        if (method, path) == ("GET", "/sandbox/cpu"):
            return {"seconds": time.process_time()}
        if (method, path) == ("POST", "/sandbox/latency"):
            self.latency = Number(0, 60_000).read("ms", parse_qs(query).get("ms", [""])[0]) / 1000
            return {}
        if (method, path) == ("POST", "/sandbox/interval"):
            given = dict(parse_qsl(query))
            self.pace.intervals[given.get("resource", "")] = (
                Number(0, 86_400_000).read("ms", given.get("ms", "")) / 1000
            )
            return {}
        if (method, path) == ("POST", "/sandbox/clear"):
            self.clear()
            return {}
        raise not_found(f"{method} {path}")
