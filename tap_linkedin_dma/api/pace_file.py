"""The file by which runs on one machine share their pace, if the setting `pace_file` names one.

Runs that use the same LinkedIn app share its limits. For each app and resource the file says when the last request
left and whose turn is next, how long LinkedIn wants to be left alone, and whether a daily limit is used up:

    {
      "pace_version": 1,
      "apps": {
        "<hash of client_id, or of the token if none is set>": {
          "dmaFeedContentsExternal": {"written_at": 1767225660.2, "left_at": 1767225600.1, "tickets": 9, "served": 7}
        }
      }
    }

A run takes a ticket under the lock, and waits for its turn without the lock. The ticket of a run that was killed
delays the others by one interval.

Times are epoch seconds by the machine's clock, since each process has another monotonic one. If that clock was set
back, `written_at` is in the future: the entry's times then move back with it.
"""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Literal, NamedTuple

import msgspec
from filelock import FileLock, Timeout

from tap_linkedin_dma.api.clock import Clock
from tap_linkedin_dma.api.errors import PaceFileRejected

_LONG_FOR = 24 * 60 * 60
"""Seconds for which the long interval of a resource holds after LinkedIn has insisted on it."""

_LONGEST_WAIT = 60.0
"""Seconds to wait for the lock, which a run holds for less than a thousandth of one."""

_POLL_INTERVAL = 0.005
"""Seconds between two tries to get the lock."""

_WRITING = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)

_LARGEST = 1024 * 1024
"""Bytes that are read; a longer file is not the tap's."""

_FURTHEST = 2 * _LONG_FOR
"""Seconds into the future that an entry can reach, and after which it says nothing more."""

_Time = Annotated[float, msgspec.Meta(ge=0, le=1e11)]
_Count = Annotated[int, msgspec.Meta(ge=0)]

logger = logging.getLogger("tap-linkedin-dma.pace_file")


class _Entry(msgspec.Struct, omit_defaults=True, forbid_unknown_fields=True):
    """The pace of one resource.

    Args:
        written_at: when the entry was last changed.
        left_at: when the last request left.
        tickets: how many were handed out to runs that wait for their turn, or left.
        served: the last one that left.
        delayed_until: no request may leave before.
        long_until: until when the long interval holds.
        used_up_on: the UTC day, YYYY-MM-DD, whose limit is used up.
    """

    written_at: _Time
    left_at: _Time = 0.0
    tickets: _Count = 0
    served: _Count = 0
    delayed_until: _Time = 0.0
    long_until: _Time = 0.0
    used_up_on: str = ""

    def __post_init__(self) -> None:
        if self.left_at > self.written_at or max(self.delayed_until, self.long_until) > self.written_at + _FURTHEST:
            raise ValueError

    def follow_clock(self, now: float) -> None:
        """Move the times back as far as the machine's clock was; the tickets of before count no more."""
        back = self.written_at - now
        if back > 0:
            self.left_at = max(0.0, self.left_at - back)
            self.delayed_until = max(0.0, self.delayed_until - back)
            self.long_until = max(0.0, self.long_until - back)
            self.served = self.tickets
            self.written_at = now


class _File(msgspec.Struct, forbid_unknown_fields=True):
    """The whole file: an entry by app and resource."""

    pace_version: Literal[1] = 1
    apps: dict[str, dict[str, _Entry]] = {}


_DECODER = msgspec.json.Decoder(_File)


class Turn(NamedTuple):
    """Whether a request may leave.

    Args:
        seconds: to wait before the next try to leave; 0 if it may leave now, which the other runs then know.
        is_delayed: whether LinkedIn has throttled the resource, and wants it to be left alone.
        is_long: whether the long interval holds.
        is_used_up: whether the daily limit is used up.
    """

    seconds: float = 0.0
    is_delayed: bool = False
    is_long: bool = False
    is_used_up: bool = False


class PaceFile:
    """Shares the pace of these settings' app with the other runs that name the file.

    Args:
        config: the tap's settings, with `pace_file`.
        clock: gives the time.
    """

    def __init__(self, config: Mapping[str, Any], clock: Clock) -> None:
        # Resolved, so that writing replaces the file and not a link to it.
        self.path = Path(config["pace_file"]).expanduser().resolve()
        self._clock = clock
        client = config.get("client_id")
        token = config.get("refresh_token") or config.get("access_token") or config.get("token_file")
        self._app = _hash(f"{client or token}")
        self._member = _hash(f"{client} {token}")
        """The owner of a member's own daily limit: the token stands for its member."""
        self._tickets: dict[str, int] = {}
        """The ticket with which this run waits for its turn, by resource."""
        # It logs each time that the lock is taken.
        logging.getLogger("filelock").setLevel(logging.INFO)

    def take_turn(self, resource: str, interval: float, long_interval: float) -> Turn:
        """Let a request to a resource leave, or say when it may; for one thread at a time.

        Args:
            resource: the name in the URL.
            interval: seconds between two requests, 0 for none.
            long_interval: the same, if LinkedIn insists on the long one.

        Raises:
            PaceFileRejected: if the file cannot be written and locked.
        """
        with self._changing() as file:
            if self._is_used_up(file, resource):
                return Turn(is_used_up=True)
            now = self._now()
            entry = self._entry(file, self._app, resource, now)
            delay = max(0.0, entry.delayed_until - now)
            is_long = entry.long_until > now
            spacing = long_interval if is_long else interval
            seconds = self._queue(resource, entry, spacing, now) if spacing else delay
            return Turn(seconds, is_delayed=delay > 0, is_long=is_long)

    def delay(self, resource: str, seconds: float) -> None:
        """Let no run send a request to this resource for this long."""
        with self._changing() as file:
            now = self._now()
            entry = self._entry(file, self._app, resource, now)
            entry.delayed_until = max(entry.delayed_until, now + seconds)
            entry.written_at = now

    def use_long_interval(self, resource: str) -> None:
        """Have all runs use the long interval for a day, if the resource's is AUTO."""
        with self._changing() as file:
            now = self._now()
            entry = self._entry(file, self._app, resource, now)
            entry.long_until = now + _LONG_FOR
            entry.written_at = now

    def exhaust(self, resource: str, *, is_members: bool) -> None:
        """Let no run send a request to this resource until 00:00 UTC.

        Args:
            resource: the name in the URL.
            is_members: whether the limit is only this member's: runs with another member's token go on.
        """
        with self._changing() as file:
            now = self._now()
            entry = self._entry(file, self._member if is_members else self._app, resource, now)
            entry.used_up_on = self._clock.now().to_date_string()
            entry.written_at = now

    def _queue(self, resource: str, entry: _Entry, spacing: float, now: float) -> float:
        """Seconds until the turn of this run; 0 lets its request leave."""
        ticket = self._tickets.get(resource)
        if ticket is None or ticket > entry.tickets:  # the latter if the file was begun anew
            entry.tickets += 1
            ticket = self._tickets[resource] = entry.tickets
        ahead = max(0, ticket - entry.served - 1)
        turn_at = max(entry.left_at + spacing, entry.delayed_until) + ahead * spacing
        entry.written_at = now
        if turn_at > now:
            return turn_at - now
        entry.left_at = now
        entry.served = max(entry.served, ticket)
        del self._tickets[resource]
        return 0.0

    def _now(self) -> float:
        return self._clock.now().timestamp()

    def _is_used_up(self, file: _File, resource: str) -> bool:
        entries = (file.apps.get(owner, {}).get(resource) for owner in (self._app, self._member))
        return any(entry and entry.used_up_on == self._clock.now().to_date_string() for entry in entries)

    def _entry(self, file: _File, owner: str, resource: str, now: float) -> _Entry:
        entry = file.apps.setdefault(owner, {}).setdefault(resource, _Entry(now))
        entry.follow_clock(now)
        return entry

    @contextmanager
    def _changing(self) -> Iterator[_File]:
        """The file under its lock; written afterwards if it was changed.

        Raises:
            PaceFileRejected: if the file cannot be written and locked.
        """
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            # A separate file, since this one is replaced; never a soft lock, which a killed run would leave behind.
            with FileLock(f"{self.path}.lock", mode=0o600, fallback_to_soft=False).acquire(
                timeout=_LONGEST_WAIT, poll_interval=_POLL_INTERVAL
            ):
                before = self._text()
                file = self._parsed(before)
                yield file
                if (after := msgspec.json.encode(file)) != before:
                    self._write(after)
        except Timeout:
            msg = f"The pace_file {self.path} is locked by another program. End that, or choose another path."
            raise PaceFileRejected(msg) from None
        except OSError as fault:
            msg = (
                f"The pace_file {self.path} cannot be written and locked ({fault.strerror}). "
                "Choose a path that can be written, on a disk of this machine."
            )
            raise PaceFileRejected(msg) from None

    def _text(self) -> bytes:
        if self.path.exists() and not self.path.is_file():
            msg = f"The pace_file {self.path} is not a plain file. Choose another path."
            raise PaceFileRejected(msg)
        try:
            with self.path.open("rb") as opened:
                return opened.read(_LARGEST)
        except FileNotFoundError:
            return b""

    def _parsed(self, text: bytes) -> _File:
        """The file without what is out of date; an empty one if there is none, or another program's."""
        if not text:
            return _File()
        try:
            file = _DECODER.decode(text)
        except (msgspec.MsgspecError, RecursionError, UnicodeError):
            kept = self.path.with_name(f"{self.path.name}.broken")
            self.path.replace(kept)
            logger.warning(
                "The pace_file %s was broken, or is not this tap's. It begins anew; the old file is now %s.",
                self.path,
                kept,
            )
            return _File()
        oldest = self._now() - _FURTHEST
        for owner, entries in file.apps.items():
            file.apps[owner] = {name: entry for name, entry in entries.items() if entry.written_at > oldest}
        file.apps = {owner: entries for owner, entries in file.apps.items() if entries}
        return file

    def _write(self, text: bytes) -> None:
        # Replaced in one step, so that a killed run leaves no half; not synced, since after a crash of the machine
        # nothing is owed to LinkedIn.
        new = self.path.with_name(f"{self.path.name}.new")
        new.unlink(missing_ok=True)
        with os.fdopen(os.open(new, _WRITING, 0o600), "wb") as opened:
            opened.write(text)
        new.replace(self.path)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
