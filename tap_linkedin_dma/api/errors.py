"""What can go wrong between the tap and LinkedIn, each as a sentence that says what to do.

    DmaError                 the run ends with this sentence
    ├── TokenRejected        401: the token, or the client behind it
    │   ├── TokenUnseen      LinkedIn saw none: another one would not help
    │   └── MixedScopes      it reads what LinkedIn's terms forbid to combine
    ├── VersionRejected      426, or no version: the setting `linkedin_version`
    ├── CertificateRejected  what answers is not trusted, or cannot be
    ├── InputRejected        a file of settings, a catalog or a state that cannot be read
    │   └── StateRejected    the state of an earlier run is damaged
    ├── NothingSelected      the catalog selects no stream
    ├── OutputClosed         nothing takes what the tap writes
    ├── OutOfThreads         the system gives the process no more of them
    ├── DailyLimit           429 that lasts until 00:00 UTC
    ├── IncompleteRun        streams that ended early, or parts that were left out, once all else was read
    ├── Refused              this request will never be answered: others may be
    │   ├── BadRequest       400, 414, 422
    │   │   ├── CursorRefused  400 on a page after the first
    │   │   └── TooLong      414
    │   ├── AccessDenied     403
    │   ├── ShortListing     a listing that tells of more than it gives
    │   └── NotFound         404, 410
    │       └── NoDataFound  404 that says so: the end of a member's snapshot
    ├── TooMuch              504 or no answer, where less may be asked for
    └── Passing              worth another try
        ├── Throttled        429
        ├── ServerFault      5xx, 408, 425, no answer
        │   └── BadAnswer    500, an answer that is none: may be so for good
    │       └── NothingSaid  a batch without a word on any id: may be the answer
        └── TokenTooFresh    401 on a token that was issued a moment ago

No message holds a token, a member's URN or the text of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

LOG_IN = "Log in again (tap-linkedin-dma login)"
"""What to do where a token has ended."""


class DmaError(Exception):
    """The run cannot go on; the message says what happened, to what, and what to do."""

    exit_code: ClassVar[int] = 1
    """What the command ends with."""


class TokenRejected(DmaError):
    """LinkedIn does not accept the access token, or no new one could be had."""


class TokenMissing(TokenRejected):
    """LinkedIn saw no access token in the request."""


class MixedScopes(TokenRejected):
    """The token is good for data that LinkedIn's terms forbid to combine with these."""


class VersionRejected(DmaError):
    """LinkedIn does not know, or no longer knows, the version asked for."""


class CertificateRejected(DmaError):
    """The certificate that answers is not trusted, or those to trust cannot be read."""


class InputRejected(DmaError):
    """A file that the tap was given cannot be read."""


class StateRejected(InputRejected):
    """The state of an earlier run cannot be gone on from."""


class NothingSelected(DmaError):
    """A run that reads nothing would look like one that found nothing."""


class OutputClosed(DmaError):
    """Nothing takes what the tap writes: the target has ended, or the disk is full."""

    exit_code = 74
    """EX_IOERR of sysexits.h."""


class OutOfThreads(DmaError):
    """A thread could not be started: what it was to read, others would wait for."""

    def __init__(self) -> None:
        super().__init__(
            "The system gives the tap no more threads. Allow the process or its container more of them (a limit on "
            "processes counts them too), or lower max_concurrency and select fewer streams."
        )


class DailyLimit(DmaError):
    """A quota that resets at 00:00 UTC is used up."""

    exit_code = 75
    """EX_TEMPFAIL of sysexits.h: nothing is wrong, and a later run goes on."""


class IncompleteRun(DmaError):
    """Something was not read, while all else was."""


class PermanentError(DmaError):
    """LinkedIn answered this request with a no that another try will not change."""

    status: ClassVar[int] = 400
    """The HTTP status, which may be that of one id of a batch too."""


class BadRequest(PermanentError):
    """The request itself is wrong in LinkedIn's eyes.

    Args:
        message: the sentence for the user.
        named: the words in which LinkedIn's answer may name the parameter that is wrong.
    """

    def __init__(self, message: str, named: frozenset[str] = frozenset()) -> None:
        super().__init__(message)
        self.named = named


class CursorRefused(BadRequest):
    """A pagination cursor is not taken any more."""


class TooLong(BadRequest):
    """The request is longer than LinkedIn takes; a part of it may be asked for."""

    status = 414


class AccessDenied(PermanentError):
    """A scope, a product or a role on the page is missing."""

    status = 403


class ShortListing(PermanentError):
    """A listing ends, and by its own word there is more; what it gave has left."""


class NotFound(PermanentError):
    """There is nothing at this address, or no longer."""

    status = 404


class NoDataFound(NotFound):
    """LinkedIn has no data of the member, or no more."""


class TimeoutTooLarge(DmaError):
    """LinkedIn takes too long for as much as was asked for at once."""


class TransientError(DmaError):
    """A fault that may be gone at the next try.

    Args:
        message: the sentence for the user, should no try succeed.
        wait: seconds LinkedIn asked to wait, or None where it did not say.
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
        status: the HTTP status, or None where there was no answer.
        wait: as above.
    """

    def __init__(self, message: str, status: int | None = None, wait: float | None = None) -> None:
        super().__init__(message, wait)
        self.status = status


class InvalidResponse(ServerFault):
    """LinkedIn's own error, or nonsense: to some requests the answer is that for good."""


class NothingSaid(InvalidResponse):
    """A batch has neither an entity nor a status for any of its ids: they may be missing, or LinkedIn has failed.

    Args:
        message: as above.
        body: the answer, for who takes LinkedIn at its word.
    """

    def __init__(self, message: str, body: Mapping[str, Any]) -> None:
        super().__init__(message, 200)
        self.body = body


class TokenNotPropagated(TransientError):
    """A new token that LinkedIn does not know everywhere yet."""
