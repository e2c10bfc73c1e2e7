"""The goals: each a ratio within one run, or a bound, and whether a result meets it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from bench.contenders import EVERY_POST, JSON_LOOP, THIS
from bench.loading import ALONE, IN_FILES
from bench.peers import PEERS
from bench.running import Result, Row

_Figure = Callable[[Result, Mapping[str, Result]], float | None]
"""From a result, and those before it in this run, by letter; None if something to compare with is missing."""


@dataclass(frozen=True)
class Goal:
    """A figure, and the bound that it has to keep."""

    about: str
    figure: _Figure
    least: float | None = None
    most: float | None = None

    def is_met(self, found: float) -> bool:
        """Whether a figure keeps the bound."""
        return (self.least is None or found >= self.least) and (self.most is None or found <= self.most)

    def sentence(self, found: float) -> str:
        """The figure beside its bound."""
        bound = f"at least {self.least:.3g}" if self.least is not None else f"at most {self.most:.3g}"
        return f"{self.about}: {found:.3g}, goal {bound}: {'met' if self.is_met(found) else '**missed**'}."


def speed(row: Row) -> float:
    """Records a second, which counts for those that did not read all of them."""
    return row.records / row.cost.seconds


def best_peer(result: Result) -> Row | None:
    """The quickest of those that a loader could load from."""
    names = {peer.name for peer in PEERS if peer.is_loadable}
    return max((row for row in result.rows if row.name in names), key=speed, default=None)


def _beside_loop(name: str) -> _Figure:
    def figure(result: Result, _: Mapping[str, Result]) -> float | None:
        one, loop = result.row(name), result.row(JSON_LOOP.name)
        return speed(one) / speed(loop) if one and loop else None

    return figure


def _beside_best_peer(result: Result, _: Mapping[str, Result]) -> float | None:
    this, best = result.row(THIS.name), best_peer(result)
    return speed(this) / speed(best) if this and best else None


def _beside_loop_in_b(result: Result, earlier: Mapping[str, Result]) -> float | None:
    this, loop = result.row(THIS.name), earlier["B"].row(JSON_LOOP.name) if "B" in earlier else None
    return this.cost.seconds / loop.cost.seconds if this and loop else None


def _beside_clock(result: Result, _: Mapping[str, Result]) -> float | None:
    this, clock = result.row(THIS.name), result.longest_clock_s
    return this.cost.seconds / clock if this and clock else None


def _peak_mb(result: Result, _: Mapping[str, Result]) -> float | None:
    this = result.row(THIS.name)
    return this.cost.peak_mb if this else None


def _beside_loader(result: Result, _: Mapping[str, Result]) -> float | None:
    whole, alone = result.row(IN_FILES), result.row(ALONE)
    return whole.cost.cpu_s / alone.cost.cpu_s if whole and alone else None


def _beside_every_post(result: Result, _: Mapping[str, Result]) -> float | None:
    this, every_post = result.row(THIS.name), result.row(EVERY_POST.name)
    return this.calls.total() / every_post.calls.total() if this and every_post else None


_OF_BEST_PEER = "Speed beside the best peer that can be loaded from"

GOALS: Mapping[str, tuple[Goal, ...]] = {
    "A": (
        Goal(f"Speed beside the {JSON_LOOP.name}", _beside_loop(THIS.name), least=1.25),
        Goal("The same with a stream map", _beside_loop(f"{THIS.name}, with a stream map"), least=1.0),
        Goal("The same with a column deselected", _beside_loop(f"{THIS.name}, a column deselected"), least=1.0),
        Goal(_OF_BEST_PEER, _beside_best_peer, least=1.6),
    ),
    "B": (Goal(_OF_BEST_PEER, _beside_best_peer, least=2.4),),
    "C": (Goal(f"Time beside that of the {JSON_LOOP.name} in B", _beside_loop_in_b, most=0.02),),
    "D": (Goal("Time beside the longest clock", _beside_clock, most=1.05),),
    "E": (Goal("CPU time of the whole run with BATCH beside that of the loader alone", _beside_loader, most=1 / 2),),
    "F": (Goal("Peak memory in MB", _peak_mb, most=120),),
    "G": (Goal(f"Calls beside those of {EVERY_POST.name}", _beside_every_post, most=1 / 6),),
}


def sentences(result: Result, earlier: Mapping[str, Result]) -> Iterator[str]:
    """What a result says of each goal of its workload."""
    for goal in GOALS.get(result.workload.letter, ()):
        found = goal.figure(result, earlier)
        if found is not None:
            yield goal.sentence(found)
