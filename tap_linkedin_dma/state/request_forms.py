"""The forms of request parameters that LinkedIn has accepted in place of a stream's own, for the next run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

_KEY = "request_forms"


class RequestForms:
    """The part of the state about the requests of one stream.

    Args:
        saved: gives the part of the state that is about runs, which is written to.
        stream: the stream's name.
    """

    def __init__(self, saved: Callable[[], dict[str, Any]], stream: str) -> None:
        self._saved = saved
        self._stream = stream

    def accepted(self, kind: str) -> Mapping[str, Any]:
        """The forms that LinkedIn has accepted, by parameter.

        Args:
            kind: of the stream's requests; "" if it has one.
        """
        accepted: Mapping[str, Any] = self._saved().get(_KEY, {}).get(self._stream, {}).get(kind, {})
        return accepted

    def accept(self, kind: str, forms: Mapping[str, Any]) -> None:
        """Record the forms that LinkedIn accepts in place of the stream's own."""
        kept = self._saved().get(_KEY, {})
        others = {one: accepted for one, accepted in kept.get(self._stream, {}).items() if one != kind}
        of_stream = {**others, **({kind: forms} if forms else {})}
        streams = {name: kinds for name, kinds in kept.items() if name != self._stream}
        streams |= {self._stream: of_stream} if of_stream else {}
        if streams:
            self._saved()[_KEY] = streams
        else:
            self._saved().pop(_KEY, None)
