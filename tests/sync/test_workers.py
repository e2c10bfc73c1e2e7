"""Workers side by side: results in order, few of them waiting, errors at their turn."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from tap_linkedin_dma.api.errors import DmaError
from tap_linkedin_dma.sync.run_lock import RunLock
from tap_linkedin_dma.sync.workers import Workers
from tests.support.waiting import LONG_ENOUGH, no_thread_stays


def workers(most: int) -> Workers:
    return Workers(RunLock(), most)


@pytest.mark.parametrize("max_concurrency", [1, 2, 8])
@pytest.mark.parametrize("count", [0, 1, 50])
def test_every_item_is_done_once_and_in_order(max_concurrency: int, count: int) -> None:
    assert list(workers(max_concurrency).map(str, range(count))) == [str(number) for number in range(count)]


def test_a_late_result_keeps_its_place() -> None:
    second_done, shared = threading.Event(), workers(2)

    def work(item: int) -> int:
        if item == 1:
            second_done.set()
        else:
            with shared.released():
                assert second_done.wait(LONG_ENOUGH)
        return item

    assert list(shared.map(work, [0, 1])) == [0, 1]


def test_items_are_done_side_by_side() -> None:
    """As many at once as the setting allows: each waits for all."""
    together, shared = threading.Barrier(4), workers(4)

    def work(_: int) -> None:
        with shared.released():
            together.wait(LONG_ENOUGH)

    list(shared.map(work, range(4)))


def test_one_at_a_time_needs_no_other_thread() -> None:
    """With `max_concurrency` 1 all happens where it was asked for."""
    assert set(workers(1).map(lambda _: threading.get_ident(), range(3))) == {threading.get_ident()}


@pytest.mark.parametrize("max_concurrency", [1, 3])
def test_few_results_wait(max_concurrency: int) -> None:
    """A slow reader holds up the workers: a listing of millions is never all in memory."""
    taken = 0

    def items() -> Iterator[int]:
        for number in range(100):
            assert number < taken + 2 * max_concurrency
            yield number

    for _ in workers(max_concurrency).map(str, items()):
        taken += 1
    assert taken == 100


@pytest.mark.parametrize("max_concurrency", [1, 4])
def test_an_error_is_raised_at_its_items_turn(max_concurrency: int) -> None:
    """What came before it has left by then, even where the error was first."""
    failed, shared = threading.Event(), workers(max_concurrency)

    def work(item: int) -> int:
        if item == 2:
            failed.set()
            raise DmaError("at its turn")
        if max_concurrency > 1:
            with shared.released():
                assert failed.wait(LONG_ENOUGH)
        return item

    results = shared.map(work, range(100))
    assert [next(results), next(results)] == [0, 1]
    with pytest.raises(DmaError, match="at its turn"):
        next(results)


@pytest.mark.parametrize("max_concurrency", [1, 4])
@pytest.mark.parametrize("count", [0, 1, 20])
def test_an_error_of_the_items_comes_after_what_they_gave(max_concurrency: int, count: int) -> None:
    """A listing that ends in a daily limit gave posts before it, and those are whole."""

    def items() -> Iterator[int]:
        yield from range(count)
        raise DmaError("no more")

    given: list[str] = []
    with pytest.raises(DmaError, match="no more"):
        given.extend(workers(max_concurrency).map(str, items()))
    assert given == [str(number) for number in range(count)]


def test_after_an_error_what_has_not_begun_is_left() -> None:
    """Of the many items only those that were waiting may still be done."""
    begun = []

    def work(item: int) -> None:
        begun.append(item)
        if item == 0:
            raise DmaError("x")

    with pytest.raises(DmaError):
        list(workers(2).map(work, range(100)))
    assert max(begun) < 4


def test_a_reader_that_stops_leaves_the_rest() -> None:
    items = iter(range(100))
    results = workers(2).map(str, items)
    assert isinstance(results, Iterator)
    next(results)
    del results
    assert next(items) <= 4


def test_what_was_submitted_is_not_done_after_the_reading_it_was_for() -> None:
    """Results that are held, and taken no more, keep no worker and no item waiting."""
    begun: list[int] = []
    shared, done = workers(2), threading.Event()

    def work(item: int) -> int:
        begun.append(item)
        if item:
            with shared.released():
                assert done.wait(LONG_ENOUGH)
        return item

    with shared.ending():
        results = shared.map(work, range(100))
        assert next(results) == 0
    done.set()
    no_thread_stays(lambda name: name.startswith("linkedin"))
    assert max(begun) <= 2
    del results


def test_workers_of_an_outer_reading_stay() -> None:
    """One that ends within it has its own."""
    shared = workers(2)
    with shared.ending():
        results = shared.map(str, range(50))
        assert next(results) == "0"
        with shared.ending():
            assert list(shared.map(str, range(3))) == ["0", "1", "2"]
        assert list(results) == [str(number) for number in range(1, 50)]


def test_a_map_within_a_map_ends() -> None:
    """Workers that waited for workers would wait for ever."""
    shared = workers(2)

    def inner(item: int) -> list[int]:
        return list(shared.map(lambda number: item * 10 + number, range(5)))

    assert list(shared.map(inner, range(6))) == [[item * 10 + number for number in range(5)] for item in range(6)]
