"""Checkpoints of long listings, in the state: after a run that was cut off, the next resumes from there.

LinkedIn does not say how long a pagination cursor is valid, so one older than a day and a half is not sent again; a
daily run resumes from the last one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Any

import pendulum

from tap_linkedin_dma.state import rotation

_RESUMABLE = 36 * 60 * 60

Position = Mapping[str, Any]
"""A listing's entry in the state: its `cursor`, or `done`; `rows`, how many were emitted; `at`, the time of writing
in epoch seconds; `table_version` and `children`, what it was read for; and values that the stream adds."""


class Checkpoint:
    """The position of one listing in the state of its organization.

    Args:
        kept: the organization's part of the stream's state.
        state: the same, to be written to: calling it creates it.
        of: the parameters that identify the listing; the state holds a hash of them.
        version: the table version of the rows, None if they have none.
        children: the names of the child streams that are read along and lack nothing so far.
    """

    def __init__(
        self,
        kept: Mapping[str, Any],
        state: Callable[[], dict[str, Any]],
        of: Mapping[str, Any],
        version: int | None,
        children: Callable[[], Collection[str]],
    ) -> None:
        self._state = state
        text = json.dumps(of, sort_keys=True, default=str)
        self._name = hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=6).hexdigest()
        self._version = version
        self._children = children
        self.place: Position = kept.get("listings", {}).get(self._name, {})

    def is_stale(self, children: Collection[str], now: pendulum.DateTime) -> bool:
        """Whether there is a position that cannot be resumed from, with these child streams."""
        if not self.place:
            return False
        # A child that was not read along has none of the earlier pages.
        missing = set(children) - set(self.place.get("children", ()))
        another = self.place.get("table_version") != self._version
        return bool(missing) or another or now.timestamp() - self.place.get("at", 0) >= _RESUMABLE

    @property
    def cursor(self) -> str | None:
        """The cursor to resume from; None for the start."""
        return self.place.get("cursor")

    @property
    def is_done(self) -> bool:
        """Whether an earlier run has read the listing to its end, for the same table version."""
        return bool(self.place.get("done"))

    def advance(self, cursor: str | None, now: pendulum.DateTime, rows: int, **more: Any) -> None:
        """Record that everything before this cursor was emitted.

        Args:
            cursor: of the next page; None at the end.
            now: the time.
            rows: records emitted so far.
            more: values that the stream needs to resume.
        """
        if cursor is None and (self._version is None or not self.place):
            self.reset()
            return
        where = {"done": True} if cursor is None else {"cursor": cursor, **more}
        version = {} if self._version is None else {"table_version": self._version}
        children = sorted(self._children())
        self.place = {**where, "rows": rows, "at": int(now.timestamp()), **version, "children": children}
        self._state().setdefault("listings", {})[self._name] = self.place

    def reset(self) -> None:
        """Let the next scan begin at the start."""
        if self.place:
            self.place = {}
            state = self._state()
            state["listings"].pop(self._name, None)
            if not state["listings"]:
                del state["listings"]


def begin_under(bookmarks: Mapping[str, dict[str, Any]], kept: dict[str, Any], *, drops_locations: bool) -> bool:
    """Record in the state whether locations are dropped, and restart listings that were begun otherwise.

    Args:
        bookmarks: of all streams.
        kept: the part of the state that is about runs.
        drops_locations: the setting `drop_unsure_locations`.

    Returns:
        Whether anything is restarted.
    """
    has_begun = "table_version" in kept or is_open(bookmarks)
    is_other = has_begun and kept.get("locations_dropped", False) != drops_locations
    if is_other:
        kept.pop("table_version", None)
        rotation.end_rounds(bookmarks)
        for partition in _open(bookmarks):
            del partition["listings"]
    kept.pop("locations_dropped", None)
    if drops_locations:
        kept["locations_dropped"] = True
    return is_other


def is_open(bookmarks: Mapping[str, dict[str, Any]]) -> bool:
    """Whether a table or listing was begun that is not complete."""
    return any(_open(bookmarks)) or any("done" in stream for stream in bookmarks.values())


def _open(bookmarks: Mapping[str, dict[str, Any]]) -> list[dict[str, Any]]:
    """The partitions that hold positions of listings."""
    return [part for stream in bookmarks.values() for part in stream.get("partitions", []) if part.get("listings")]


def clear_table_versions(bookmarks: dict[str, dict[str, Any]], keeper: str) -> None:
    """Remove from the state the entries for tables that are complete now.

    Args:
        bookmarks: of all streams.
        keeper: the stream whose state holds the table version.
    """
    kept = bookmarks.get(keeper, {})
    kept.pop("table_version", None)
    for stream in bookmarks.values():
        for partition in stream.get("partitions", []):
            listings = partition.get("listings", {})
            for name in [name for name, place in listings.items() if place.get("done")]:
                del listings[name]
            if not listings:
                partition.pop("listings", None)
    if not is_open(bookmarks):
        kept.pop("locations_dropped", None)
    if bookmarks.get(keeper) == {}:
        del bookmarks[keeper]
