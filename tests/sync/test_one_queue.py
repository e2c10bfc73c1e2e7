"""Whole runs through the one queue: what is read leaves at once, and what fails keeps nothing else back."""

from __future__ import annotations

import inspect
import json
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Generator, Iterable, Iterator
from functools import cache, partial
from itertools import pairwise
from typing import Any, cast

import pytest

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.api.errors import DmaError, IncompleteRun, OutOfThreads
from tap_linkedin_dma.output.record_pipeline import RecordPipeline
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.sync.readers import BoundedQueue, QueuedBatch
from tap_linkedin_dma.sync.workers import Workers
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.conftest import NOW
from tests.support.clock import FakeClock
from tests.support.plain import FEED, PlainLinkedIn, urn_of
from tests.support.runs import UNPACED, Run, clock_of, make_tap, run
from tests.support.tables import Killed, Tables, run_into
from tests.support.waiting import comes_true, no_thread_stays

FOLLOWS = "dmaOrganizationalPageFollows"


class _Paced(FakeClock):
    """A clock on which a minute lasts as long as all that has been read takes to leave.

    Args:
        sandbox: whose time it shows.
        waits: is called by each thread that waits for its turn.
    """

    def __init__(self, sandbox: Sandbox, waits: Callable[[], None]) -> None:
        super().__init__(clock_of(sandbox).now())
        self._waits = waits

    def sleep(self, seconds: float) -> None:
        if seconds > 1:  # or what a sum of fractions leaves of a minute would count as another
            self._waits()
        super().sleep(seconds)


def _place(tables: Tables) -> int:
    """How many followers are read, according to the state."""
    partitions = tables.state.get("bookmarks", {}).get("followers", {}).get("partitions", [])
    return sum(listing["rows"] for part in partitions for listing in part.get("listings", {}).values())


class _Killing(FakeClock):
    """A clock on which half a second between two calls for followers lasts as long as those read take to leave.

    The run is killed after seven seconds: starting takes the first two of nine.
    """

    def __init__(self, sandbox: Sandbox, tables: Tables) -> None:
        super().__init__(clock_of(sandbox).now())
        self._sandbox, self._tables = sandbox, tables
        self._pages_before = _place(tables) // 1000 - len(sandbox.requests_to(FOLLOWS))

    def sleep(self, seconds: float) -> None:
        wake_at = self._elapsed + seconds
        if threading.current_thread().name == "followers":
            pages = self._pages_before + len(self._sandbox.requests_to(FOLLOWS))
            # The twenty-first page is the empty one of the listing.
            rows = 1000 * (pages - (pages > 20))
            assert comes_true(lambda: self._is_killed or len(self._tables.rows["followers"]) >= rows)
        elif comes_true(lambda: self._is_killed or self._elapsed >= wake_at):
            return
        super().sleep(seconds)

    @property
    def _is_killed(self) -> bool:
        return self._elapsed >= 7

    def monotonic(self) -> float:
        if self._is_killed and threading.current_thread() is threading.main_thread():
            raise Killed
        return super().monotonic()


def test_a_run_that_is_killed_makes_no_more_than_two_paced_calls_again() -> None:
    """Killed twice after nine seconds, at half a second a call: what was read has left, and stands in the state."""
    select = {"posts", "comments", "followers"}
    tables = Tables()
    with Sandbox(World(posts=24, followers=30_000, seed=3, now=NOW)) as sandbox:
        config: dict[str, Any] = {
            "organizations": [sandbox.world.truth.organizations[0].urn],
            "request_intervals": {**UNPACED, FOLLOWS: 0.5, FEED: 0.5},
        }

        def asked() -> Counter[str]:
            return Counter(request.asked for request in sandbox.requests_to(FOLLOWS))

        for _ in range(2):
            before = len(tables.rows.get("followers", {}))
            assert run_into(tables, sandbox, select, clock=_Killing(sandbox, tables), **config) is None
            assert len(tables.rows["followers"]) >= before + 10_000
            assert _place(tables) >= len(tables.rows["followers"]) - 1_000
            assert len(asked()) < 31
        assert run_into(tables, sandbox, select, **config)
        again = [place for place, times in enumerate(asked().values()) for _ in range(times - 1)]
        assert len(asked()) == 31
        assert len(again) <= 4
        assert len(tables.rows["followers"]) == 30_000
        whole = Tables()
        assert run_into(whole, sandbox, {"posts", "comments"}, **config)
    for stream in ("posts", "comments"):
        assert tables.of(stream) == whole.of(stream)


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_the_clocks_of_paced_resources_run_at_once(sandbox: Sandbox, max_concurrency: int) -> None:
    """All followers are read while comments wait for their minute."""
    config: dict[str, Any] = {
        "organizations": [sandbox.world.truth.organizations[0].urn],
        "stream_options": {"followers": {"page_size": 8}},
        "max_concurrency": max_concurrency,
    }
    select = {"posts", "comments", "followers"}
    alone = run(sandbox, select=select, **config)
    pages = len(sandbox.requests_to(FOLLOWS))
    assert pages > 4
    sandbox.clear()
    late: list[str] = []

    def waits() -> None:
        name = threading.current_thread().name
        if name != "followers" and not late:
            late.extend([] if comes_true(lambda: len(sandbox.requests_to(FOLLOWS)) == pages) else [name])

    paced = {**UNPACED, FOLLOWS: 60, FEED: 60}
    tap, writer = make_tap(
        sandbox, select=select, clock=_Paced(sandbox, waits), **{**config, "request_intervals": paced}
    )
    tap.sync_all()
    assert not late
    beside = Run(writer.messages)
    for stream in select:
        assert beside.values(stream, "organization") == alone.values(stream, "organization")
    leaving = [message["stream"] for message in writer.messages if message["type"] == "RECORD"]
    assert "comments" in leaving[leaving.index("followers") :]


def test_rows_of_a_paced_listing_leave_before_the_next_is_answered() -> None:
    """Not one listing late, whatever the number of workers."""
    linkedin = PlainLinkedIn()
    with linkedin:
        for days in range(1, 9):
            linkedin.add_comments(linkedin.add_post(urn_of(days)), 1)
        late: list[int] = []
        turns: list[int] = []

        def waits() -> None:
            before = len(turns)
            turns.append(before)
            if not late and not comes_true(lambda: comments() >= before):
                late.append(before)

        tap, writer = make_tap(
            linkedin,
            select={"comments"},
            clock=_Paced(linkedin, waits),
            organizations=[linkedin.organization],
            max_concurrency=4,
            request_intervals={**UNPACED, FEED: 61},
        )

        def comments() -> int:
            return sum(message["type"] == "RECORD" for message in writer.messages)

        tap.sync_all()
        assert late == []
        assert comments() == 8


def _held_by(commit: Callable[[], None] | None) -> Iterator[object]:
    """What a commit has to be called with, and so keeps in memory."""
    if isinstance(commit, partial):
        yield from commit.args
    for cell in getattr(commit, "__closure__", None) or ():
        yield from _held_by(cell.cell_contents)


def test_nothing_undisclosed_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put into the queue is what leaves, and none of it is put on disk."""
    waited: list[str] = []
    put = BoundedQueue.put

    def look(queue: BoundedQueue[Any], item: Any, rows: int = 0) -> None:
        if isinstance(item, QueuedBatch):
            others = [rows for _, rows in item.others]
            waited.append(json.dumps([item.records, others, *_held_by(item.commit), *_held_by(item.owe)], default=repr))
        put(queue, item, rows)

    monkeypatch.setattr(BoundedQueue, "put", look)
    for name in ("TemporaryFile", "NamedTemporaryFile", "mkstemp"):
        monkeypatch.setattr(tempfile, name, None)
    paced = dict.fromkeys(UNPACED, 60)
    with Sandbox(World(posts=6, followers=10, seed=3, now=NOW)) as sandbox:
        every = {stream.name for stream in STREAMS}
        run(sandbox, select=every, member_data="omit", request_intervals=paced, start_date="2026-02-24")
    assert sum(map(len, waited)) > 100_000
    assert not [text for text in waited if "urn:li:person:" in text]


def test_a_lookup_that_fails_holds_back_those_alone_that_named_something_to_it(sandbox: Sandbox) -> None:
    """And these on no more than two runs in a row; the last says so."""
    select = {"posts", "comments", "people", "page_content_trend", "followers", "engagement_listings"}
    company = sandbox.world.truth.organizations[0].urn
    whole = run(sandbox, select=select)
    sandbox.answer("dmaPeople", status=503, times=None)
    state: dict[str, Any] = {}
    for runs in (1, 2, 3):
        tap, writer = make_tap(sandbox, state, select)
        with pytest.raises(IncompleteRun, match="people"):
            tap.sync_all()
        result = Run(writer.messages)
        state = result.state
        assert len(result.records["comments"]) == len(whole.records["comments"])
        assert "replication_key_value" in result.state_of("page_content_trend", company)
        assert len(result.records["page_content_trend"]) < len(whole.records["page_content_trend"]) or runs == 1
        assert len(result.records["engagement_listings"]) == len(whole.records["engagement_listings"])
        assert ("posts_to" in result.state_of("comments", company)) == (runs == 3)
        assert any("wait no longer" in skip for skip in tap.run_context.run.summary.skipped) == (runs == 3)
    assert state["bookmarks"]["people"]["failed_runs"] == 3
    sandbox.clear_answers()
    assert not run(sandbox, state, select).records["comments"]


def test_a_lookup_that_fails_for_a_while_loses_nothing(sandbox: Sandbox) -> None:
    """The next run meets again what named something to it."""
    select = {"posts", "comments", "people", "followers"}
    whole = run(sandbox, select=select)
    sandbox.answer("dmaPeople", status=503, times=None)
    tap, writer = make_tap(sandbox, select=select)
    with pytest.raises(IncompleteRun):
        tap.sync_all()
    sandbox.clear_answers()
    second = run(sandbox, Run(writer.messages).state, select)
    assert {*second.values("people", "id")} == {*whole.values("people", "id")}
    assert "failed_runs" not in json.dumps(second.state)


@cache
def _undisturbed(*select: str) -> Run:
    """What the sandbox gives if nothing goes wrong."""
    with Sandbox(World(posts=24, followers=40, seed=3, now=NOW)) as sandbox:
        return run(sandbox, select={*select})


def _in_the_record_path(monkeypatch: pytest.MonkeyPatch, _: TapLinkedInDMA) -> None:
    take = RecordPipeline.write

    def fail(path: RecordPipeline, *args: Any) -> None:
        if path._stream.name == "reactions":
            raise KeyError
        take(path, *args)

    monkeypatch.setattr(RecordPipeline, "write", fail)


def _in_a_method(name: str, stream: str = "reactions") -> Callable[[pytest.MonkeyPatch, TapLinkedInDMA], None]:
    def install(monkeypatch: pytest.MonkeyPatch, tap: TapLinkedInDMA) -> None:
        def fail(*_: Any) -> None:
            raise KeyError

        monkeypatch.setattr(tap.streams[stream], name, fail)

    return install


@pytest.mark.parametrize(
    "break_it",
    [
        pytest.param(_in_the_record_path, id="record path"),
        pytest.param(_in_a_method("redact_all"), id="redaction"),
        pytest.param(_in_a_method("read"), id="reading"),
        pytest.param(_in_a_method("end"), id="commit"),
    ],
)
def test_an_error_of_the_taps_own_ends_one_stream(
    sandbox: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    break_it: Callable[[pytest.MonkeyPatch, TapLinkedInDMA], None],
) -> None:
    """Wherever it happens: the others are read, the run says so, and the next one has all that did not leave."""
    select = {"posts", "comments", "reactions", "followers"}
    whole = _undisturbed(*sorted(select))
    tap, writer = make_tap(sandbox, select=select)
    break_it(monkeypatch, tap)
    with pytest.raises(IncompleteRun, match=r"reactions: This is a bug in the tap \(KeyError\)"):
        tap.sync_all()
    monkeypatch.undo()
    assert [record for record in caplog.records if record.exc_info and record.name == "tap-linkedin-dma.reactions"]
    result = Run(writer.messages)
    for stream in select - {"reactions"}:
        assert len(result.records[stream]) == len(whole.records[stream])
    again = run(sandbox, result.state, select)
    assert len(again.records["reactions"]) == len(whole.records["reactions"])
    assert not again.records["comments"]


@pytest.mark.parametrize("child", ["comment_reactions", "comment_social_metadata"])
def test_a_stream_on_comments_that_fails_has_all_of_them_on_the_next_run(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, child: str
) -> None:
    """Comments that have left without it are listed again."""
    select = {"posts", "comments", "comment_reactions", "comment_social_metadata"}
    whole = _undisturbed(*sorted(select))
    tap, writer = make_tap(sandbox, select=select)
    _in_a_method("read", child)(monkeypatch, tap)
    with pytest.raises(IncompleteRun, match=child):
        tap.sync_all()
    again = run(sandbox, Run(writer.messages).state, select)
    assert len(again.records[child]) == len(whole.records[child]) > 0


@pytest.mark.parametrize("seconds", [0.0, 0.5])
def test_the_state_is_written_seldom_and_only_when_it_has_changed(sandbox: Sandbox, seconds: float) -> None:
    """Every five seconds at most; at the start, and at the end; the last one holds all there is."""

    class Clock(FakeClock):
        def monotonic(self) -> float:
            with self._lock:
                self._elapsed += seconds
                return self._elapsed

    tap, writer = make_tap(sandbox, select={"posts", "comments", "followers"}, clock=Clock(clock_of(sandbox).now()))
    written: list[tuple[float, str]] = []
    write = writer.write_lines

    def note(lines: str) -> None:
        written.extend((tap.clock._elapsed, line) for line in lines.splitlines() if '"STATE"' in line)  # type: ignore[attr-defined]
        write(lines)

    writer.write_lines = note  # type: ignore[method-assign]
    tap.sync_all()
    assert all(line != later for (_, line), (_, later) in pairwise(written))
    begun = next(place for place, message in enumerate(writer.messages) if message["type"] == "RECORD")
    early = sum(message["type"] == "STATE" for message in writer.messages[:begun])
    times = [when for when, _ in written[early:-2]]
    assert all(later - sooner >= 5 for sooner, later in pairwise(times))
    assert (len(times) > 2) == (seconds > 0)
    assert json.loads(written[-1][1])["value"] == tap.state


def test_a_token_that_is_refused_ends_all_that_is_under_way(sandbox: Sandbox) -> None:
    """Sixty streams do not each find out for themselves."""
    sandbox.answer("dmaOrganizationalPageProfiles", status=401, body={"status": 401, "code": "REVOKED_ACCESS_TOKEN"})
    tap, _ = make_tap(sandbox)
    with pytest.raises(DmaError, match="401"):
        tap.sync_all()
    assert len(sandbox.requests) < 20


def test_no_worker_outlives_the_reading_that_set_it_to_work(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though its results are given up half-way and still held, as by the traceback of an error."""
    held: list[Iterator[Any]] = []
    map_ = Workers.map

    def hold(workers: Workers, func: Callable[[Any], Any], items: Iterable[Any]) -> Iterator[Any]:
        held.append(map_(workers, func, items))
        return held[-1]

    monkeypatch.setattr(Workers, "map", hold)
    tap, _ = make_tap(sandbox, select={"posts", "reactions"}, max_concurrency=4)
    _in_a_method("_page")(monkeypatch, tap)
    with pytest.raises(IncompleteRun, match="reactions"):
        tap.sync_all()
    assert any(inspect.getgeneratorstate(cast("Generator[Any]", one)) == inspect.GEN_SUSPENDED for one in held)
    no_thread_stays(lambda name: name.startswith("linkedin"))


@pytest.mark.parametrize("stream", ["organizations", "comments"])
def test_a_run_that_gets_no_more_threads_ends(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, stream: str) -> None:
    """With a sentence, in place of waiting for what nobody reads."""
    start = threading.Thread.start

    def refuse(thread: threading.Thread) -> None:
        if thread.name == stream:
            msg = "can't start new thread"
            raise RuntimeError(msg)
        start(thread)

    tap, _ = make_tap(sandbox, select={"posts", "comments", "reactions"})
    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(OutOfThreads, match="does not let the tap start another thread"):
        tap.sync_all()


@pytest.fixture(autouse=True)
def no_reader_stays() -> Iterator[None]:
    """However a run ends."""
    yield
    no_thread_stays({stream.name for stream in STREAMS}.__contains__)
