"""Writing messages so that a signal never cuts one in two."""

from __future__ import annotations

from collections.abc import Callable

from singer_sdk.singerlib.encoding.simple import Message, SimpleSingerWriter


class MessageWriter(SimpleSingerWriter):
    """Writes messages to stdout, one line each."""

    def __init__(self) -> None:
        super().__init__()
        self._is_writing = False
        self._waiting: Callable[[], None] | None = None

    def write_message(self, message: Message) -> None:
        self._is_writing = True
        try:
            super().write_message(message)
        finally:
            self._is_writing = False
        if act := self._waiting:
            self._waiting = None
            act()

    def between_messages(self, act: Callable[[], None]) -> None:
        """Act now, or where a message is being written, as soon as all of it is out."""
        if self._is_writing:
            self._waiting = act
        else:
            act()
