"""The errors of a run, each a sentence that says what to do.

    DmaError                 the run ends with this sentence
    ├── TokenRejected        401: the token, or the client behind it
    │   ├── TokenMissing     LinkedIn saw none: another one would not help
    │   └── MixedScopes      it reads what LinkedIn's terms forbid to combine
    ├── VersionRejected      426, or no version: the setting `linkedin_version`
    ├── CertificateRejected  what answers is not trusted, or cannot be
    ├── PaceFileRejected     the file of the setting `pace_file` cannot be used
    ├── InputRejected        a settings file, a catalog or a state that cannot be read
    │   └── StateRejected    the state of an earlier run is damaged
    ├── NothingSelected      the catalog selects no stream
    ├── OutputClosed         nothing takes what the tap writes
    ├── OutOfThreads         the system gives the process no more of them
    ├── RunCut               nothing more may be requested for now: the next run continues there
    │   ├── DailyLimit       429 that lasts until 00:00 UTC
    │   └── TimeUp           the minutes of `run_for` are over
    ├── IncompleteRun        streams that ended early, or parts that were left out, once all else was read
    ├── PermanentError       this request will never be answered: others may be
    │   ├── BadRequest       400, 414, 422
    │   │   ├── CursorRefused  400 on a page after the first
    │   │   └── TooLong      414
    │   ├── AccessDenied     403
    │   ├── ShortListing     a listing that reports more than it gives
    │   └── NotFound         404, 410
    │       └── NoDataFound  404 that says so: the end of a member's snapshot
    ├── TimeoutTooLarge      504 or no answer, if a smaller request is possible
    └── TransientError       worth another try
        ├── Throttled        429
        ├── ServerFault      5xx, 408, 425, no answer
        │   └── InvalidResponse  500, or an unusable answer: may be permanent
        │       └── NothingSaid  a batch without a status for any id: may be the answer
        └── TokenNotPropagated  401 on a token that was issued a moment ago

No message holds a token, a member's URN or the text of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

LOG_IN = "Log in again (tap-linkedin-dma login)"
"""Advice for a token that has ended."""


class DmaError(Exception):
    """The run cannot go on; the message says what happened, to what, and what to do."""

    exit_code: ClassVar[int] = 1
    """The exit code of the command."""


class TokenRejected(DmaError):
    """LinkedIn does not accept the access token, or no new one could be had."""


class TokenMissing(TokenRejected):
    """LinkedIn saw no access token in the request."""


class MixedScopes(TokenRejected):
    """The token also reads data that LinkedIn's terms forbid combining with the tap's."""


class VersionRejected(DmaError):
    """LinkedIn does not know, or no longer knows, the version asked for, or has seen none."""


class VersionNotServed(VersionRejected):
    """LinkedIn does not serve the version that the request named, at least not of this resource."""


class CertificateRejected(DmaError):
    """The server's certificate is not trusted, or the file of trusted certificates cannot be read."""


class PaceFileRejected(DmaError):
    """The file by which runs share their pace cannot be used."""


class InputRejected(DmaError):
    """An input file cannot be read."""


class StateRejected(InputRejected):
    """The state of an earlier run cannot be resumed from."""


class NothingSelected(DmaError):
    """No stream is selected: such a run would look like one that found nothing."""


class OutputClosed(DmaError):
    """Nothing takes what the tap writes: the target has ended, or the disk is full."""

    exit_code = 74
    """EX_IOERR of sysexits.h."""


class OutOfThreads(DmaError):
    """A thread could not be started: others would wait for its result."""

    def __init__(self) -> None:
        super().__init__(
            "The system does not let the tap start another thread. Raise the limit on threads and processes of the "
            "user or the container, or select fewer streams and lower max_concurrency."
        )


class RunCut(DmaError):
    """Nothing more may be requested for now: what is left is for the next run, and nothing is wrong."""


class TimeUp(RunCut):
    """The time of the run is over, or would be over before the request could be sent."""

    exit_code = 0


class DailyLimit(RunCut):
    """A quota that resets at 00:00 UTC is used up.

    Args:
        message: the sentence for the user.
        is_members: whether the quota is that of the token's member, and not of the whole app.
    """

    exit_code = 75
    """EX_TEMPFAIL of sysexits.h: nothing is wrong, and a later run resumes."""

    def __init__(self, message: str, *, is_members: bool = False) -> None:
        super().__init__(message)
        self.is_members = is_members

    @classmethod
    def of(cls, resource: str, *, is_members: bool = False) -> DailyLimit:
        """The limit of a resource."""
        return cls(
            f"LinkedIn's daily limit for {resource} is used up (429). It resets at 00:00 UTC: run again after that. "
            "What was read so far is kept.",
            is_members=is_members,
        )


class IncompleteRun(DmaError):
    """The run ended, but a part of it was not read."""


class PermanentError(DmaError):
    """LinkedIn refused this request, and another try will not change that."""

    status: ClassVar[int] = 400
    """The HTTP status, which may be that of one id of a batch too."""


class BadRequest(PermanentError):
    """The request itself is wrong in LinkedIn's eyes.

    Args:
        message: the sentence for the user.
        named: words of LinkedIn's answer that may name the wrong parameter.
    """

    def __init__(self, message: str, named: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.named = named


class CursorRefused(BadRequest):
    """LinkedIn no longer accepts a pagination cursor."""


class TooLong(BadRequest):
    """The request is longer than LinkedIn accepts; a shorter one may work."""

    status = 414


class AccessDenied(PermanentError):
    """A scope, a product or a role on the page is missing.

    Args:
        message: the sentences for the user.
        refused: LinkedIn's name for what it refused.
    """

    status = 403

    def __init__(self, message: str, refused: str) -> None:
        super().__init__(message)
        self.refused = refused


class ShortListing(PermanentError):
    """A listing ended before its own total; the elements that it gave were emitted."""


class NotFound(PermanentError):
    """There is nothing at this address, or no longer."""

    status = 404


class NoDataFound(NotFound):
    """LinkedIn has no data of the member, or no more."""


class TimeoutTooLarge(DmaError):
    """LinkedIn takes too long for a request of this size."""


class TransientError(DmaError):
    """A fault that may be gone at the next try.

    Args:
        message: the sentence for the user, if no try succeeds.
        wait: seconds LinkedIn asked to wait, or None if it did not say.
    """

    def __init__(self, message: str, wait: float | None = None) -> None:
        super().__init__(message)
        self.wait = wait


class Throttled(TransientError):
    """Too many requests for now."""


class ServerFault(TransientError):
    """LinkedIn failed or could not be reached.

    Args:
        message: as above.
        status: the HTTP status, or None if there was no answer.
        wait: as above.
    """

    def __init__(self, message: str, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(message, wait)
        self.status = status


class InvalidResponse(ServerFault):
    """LinkedIn's own error, or an unusable answer: for some requests it is permanent."""


class NothingSaid(InvalidResponse):
    """A batch has neither an entity nor a status for any of its ids: they may be missing, or LinkedIn has failed.

    Args:
        message: as above.
        body: the answer, for a caller that accepts it.
    """

    def __init__(self, message: str, body: Mapping[str, Any]) -> None:
        super().__init__(message, 200)
        self.body = body


class TokenNotPropagated(TransientError):
    """A new token that some of LinkedIn's servers do not know yet."""
