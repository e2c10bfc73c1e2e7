"""Reading ahead: in order, a few pages at most, faults at their place; and one thread at a time."""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tap_linkedin_dma.ahead import Ahead, Spool
from tap_linkedin_dma.baton import Baton
from tap_linkedin_dma.emitting import EmittingStream
from tap_linkedin_dma.errors import DmaError
from tap_linkedin_dma.pages import Parents
from tap_linkedin_dma.sandbox import Sandbox
from tests.tap.clock import FakeClock
from tests.tap.runs import UNPACED, clock_of, make_tap, run

LONG_ENOUGH = 10
"""Seconds after which a test that waits for another thread fails; none passes by waiting."""


def _numbers(start: int) -> Iterator[int]:
    yield from range(start, start + 9)


@pytest.fixture
def ahead() -> Iterator[Ahead[int]]:
    """A reader, stopped afterwards."""
    reader: Ahead[int] = Ahead("reader", Baton(), 2)
    yield reader
    reader.stop()


def test_what_is_read_is_taken_in_the_order_it_was_begun(ahead: Ahead[int]) -> None:
    """However much of it there is."""
    begun = [ahead.begin(partial(_numbers, start)) for start in (0, 100)]
    assert [list(pages) for pages in begun] == [list(range(9)), list(range(100, 109))]


def test_few_pages_wait(ahead: Ahead[int]) -> None:
    """A reader that is faster than what leaves stays two pages ahead, and the one it has in hand."""
    read: list[int] = []
    third = threading.Event()

    def pages() -> Iterator[int]:
        for number in range(50):
            read.append(number)
            if number == 2:
                third.set()
            yield number

    taken = ahead.begin(pages)
    assert third.wait(LONG_ENOUGH)
    for number in taken:
        assert len(read) <= number + 4


def test_rows_that_wait_on_disk_are_the_same() -> None:
    """Whatever their types, in whichever order they are taken; and the disk is free again when all are."""
    spool: Spool[Any] = Spool()
    rows = [
        [{"value": Decimal("0.10"), "at": number, "none": None} for number in range(start, start + 3)]
        for start in (0, 9)
    ]
    first, second = map(spool.put, rows)
    assert [list(second), list(first)] == rows[::-1]
    assert spool._file is None


def test_a_full_disk_is_one_sentence() -> None:
    """And keeps nobody from going on."""
    spool: Spool[int] = Spool()
    spool._file = Path("/dev/full").open("w+b")  # noqa: SIM115, closed by the spool
    with pytest.raises(DmaError, match=r"No space left on device.*TMPDIR"):
        spool.put([1, 2])
    spool.close()
    assert spool._file is None


def test_a_fault_comes_after_what_was_read_before_it(ahead: Ahead[int]) -> None:
    """And what was begun later is read all the same."""

    def failing() -> Iterator[int]:
        yield 1
        raise DmaError("at its place")

    first, second = ahead.begin(failing), ahead.begin(lambda: iter([2]))
    assert next(first) == 1
    with pytest.raises(DmaError, match="at its place"):
        next(first)
    assert list(second) == [2]


def test_a_signal_is_heard_that_does_not_wake_who_waits(ahead: Ahead[int], monkeypatch: pytest.MonkeyPatch) -> None:
    """As one that comes just before the wait begins: here it comes to another thread."""
    monkeypatch.setattr("tap_linkedin_dma.ahead._SECONDS_DEAF", 0.01)
    is_heard, look = threading.Event(), threading.Event()
    who_waits = threading.get_ident()

    def pages() -> Iterator[int]:
        for _ in range(3):
            while sys._current_frames()[who_waits].f_code.co_name != "_next":
                look.wait(0.01)
            look.wait(0.01)
        signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
        yield int(is_heard.wait(LONG_ENOUGH))

    before = signal.signal(signal.SIGUSR1, lambda *_: is_heard.set())
    try:
        assert list(ahead.begin(pages)) == [True]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_what_is_stopped_never_looks_whole(ahead: Ahead[int]) -> None:
    """Whoever still takes gets an error in place of the rest."""
    pages = ahead.begin(lambda: iter(range(50)))
    next(pages)
    ahead.stop()
    with pytest.raises(DmaError, match="stopped"):
        list(pages)


def test_what_is_begun_when_all_is_stopped_ends_too(ahead: Ahead[int]) -> None:
    """What waits to be read, and what comes later: nobody waits for it for ever, and no thread stays."""
    begun = [ahead.begin(partial(_numbers, 0)) for _ in range(3)]
    next(begun[0])
    ahead.stop()
    for pages in (*begun, ahead.begin(partial(_numbers, 0))):
        with pytest.raises(DmaError, match="stopped"):
            list(pages)
    readers = [thread for thread in threading.enumerate() if thread.name == "reader"]
    for reader in readers:
        reader.join(LONG_ENOUGH)
    assert not any(reader.is_alive() for reader in readers)


def test_one_thread_runs_at_a_time() -> None:
    """Unless it waits: then another one does."""
    baton, inside = Baton(), 0

    def work(_: int) -> int:
        nonlocal inside
        most = 0
        with baton.held():
            for _ in range(50):
                inside += 1
                most = max(most, inside)
                inside -= 1
                with baton.let_go():
                    pass
        return most

    with ThreadPoolExecutor(4) as workers:
        assert set(workers.map(work, range(4))) == {1}


@pytest.mark.parametrize("soon", [False, True])
@pytest.mark.parametrize("fails", [False, True])
def test_what_several_want_is_made_once(fails: bool, soon: bool) -> None:
    """By the first of them, or before any comes; the others wait for it, and an error is the same for all."""
    baton, made = Baton(), dict[str, Future[Any]]()
    calls: list[int] = []
    all_there = threading.Barrier(4 if soon else 3)

    def make() -> int:
        calls.append(1)
        with baton.let_go():
            all_there.wait(LONG_ENOUGH)
        if fails:
            raise DmaError("for all")
        return 5

    def want(_: int) -> object:
        with baton.held():
            if made:
                with baton.let_go():
                    all_there.wait(LONG_ENOUGH)
            try:
                return baton.once(made, "it", make)
            except DmaError as error:
                return str(error)

    if soon:
        with baton.held():
            baton.soon(made, "it", make)
            baton.soon(made, "it", make)
    with ThreadPoolExecutor(3) as workers:
        assert set(workers.map(want, range(3))) == ({"for all"} if fails else {5})
    assert calls == [1]


def test_counts_are_asked_for_before_a_page_of_posts_is_due(sandbox: Sandbox) -> None:
    """While the comments of the page before it are still being read."""
    tap, _ = make_tap(sandbox, select={"posts", "comments"})
    organization, post = sandbox.world.truth.organizations[0].urn, sandbox.world.truth.posts[0]
    comments = tap.streams["comments"]
    assert isinstance(comments, EmittingStream)
    baton, is_asked, look = comments.connection.baton, threading.Event(), threading.Event()

    def page_before() -> Iterator[Any]:
        with baton.let_go():
            assert is_asked.wait(LONG_ENOUGH)
        yield from ()

    before = comments._ahead.begin(page_before)
    with baton.held():
        comments._begin_reading(Parents([{"organization": organization, "post": post}]))
    for _ in range(int(LONG_ENOUGH / 0.01)):
        if sandbox.requests_to("dmaSocialMetadata"):
            break
        look.wait(0.01)
    assert len(sandbox.requests_to("dmaSocialMetadata")) == 1
    assert not sandbox.requests_to("dmaFeedContentsExternal")
    is_asked.set()
    assert not list(before)
    comments.connection.stop()


class _Gate(FakeClock):
    """A clock on which only followers get on, until all of them are asked for."""

    def __init__(self, sandbox: Sandbox, pages: int) -> None:
        super().__init__(clock_of(sandbox).now())
        self._sandbox, self._pages = sandbox, pages
        self.is_late = False

    def sleep(self, seconds: float) -> None:
        if threading.current_thread().name != "followers":
            self._await_followers()
        super().sleep(seconds)

    def _await_followers(self) -> None:
        looks, look = int(LONG_ENOUGH / 0.01), threading.Event()
        while len(self._sandbox.requests_to("dmaOrganizationalPageFollows")) < self._pages and not self.is_late:
            look.wait(0.01)
            looks -= 1
            self.is_late = looks <= 0


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_the_clocks_of_paced_resources_run_at_once(sandbox: Sandbox, max_concurrency: int) -> None:
    """All followers are read while comments wait for their minute, though these leave first."""
    config: dict[str, Any] = {
        "organizations": [sandbox.world.truth.organizations[0].urn],
        "stream_options": {"followers": {"page_size": 8}},
        "max_concurrency": max_concurrency,
    }
    select = {"posts", "comments", "followers"}
    alone = run(sandbox, select=select, **config)
    pages = len(sandbox.requests_to("dmaOrganizationalPageFollows"))
    assert pages > 4
    sandbox.clear()
    clock = _Gate(sandbox, pages)
    paced = {"dmaOrganizationalPageFollows": 60, "dmaFeedContentsExternal": 60}
    tap, writer = make_tap(sandbox, select=select, clock=clock, **{**config, "request_intervals": {**UNPACED, **paced}})
    tap.sync_all()
    assert not clock.is_late
    order = [message["stream"] for message in writer.messages if message["type"] == "RECORD"]
    assert order == [message["stream"] for message in alone.messages if message["type"] == "RECORD"]
    assert "comments" not in order[order.index("followers") :]


def test_a_token_that_is_refused_ends_all_that_is_under_way(sandbox: Sandbox) -> None:
    """Sixty streams do not each find out for themselves."""
    sandbox.answer("dmaOrganizationalPageProfiles", status=401, body={"status": 401, "code": "REVOKED_ACCESS_TOKEN"})
    tap, _ = make_tap(sandbox)
    with pytest.raises(DmaError, match="401"):
        tap.sync_all()
    assert len(sandbox.requests) < 20
