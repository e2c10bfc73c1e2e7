"""Live lines on a terminal, below the log."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from tap_linkedin_dma.privacy import log_masking

_REFRESHES_PER_SECOND = 2


def is_one() -> bool:
    """Whether stderr is a terminal."""
    return sys.stderr.isatty()


def is_free() -> bool:
    """Whether live lines can be shown on stderr: it is a terminal, and messages do not go to one too."""
    if not is_one() or sys.stdout.isatty():
        return False
    from rich.console import Console

    return Console(stderr=True).is_interactive


@contextmanager
def live(rows: Callable[[], Sequence[Sequence[str]]]) -> Iterator[None]:
    """Show the current rows, with their cells in columns, and remove them afterwards.

    If there are more rows than lines, the last row, with the totals, is shown, and as many of the others as fit.

    Log lines go above them, for which the handlers' streams are replaced: they hold the original stderr.
    """
    from rich.console import Console
    from rich.live import Live
    from rich.table import Table

    def table() -> Table:
        grid = Table.grid(padding=(0, 2))
        for row in fitting_rows(rows(), console.height - 1):
            grid.add_row(*row)
        return grid

    stderr = sys.stderr
    console = Console(stderr=True)
    streaming = [handler for handler in log_masking.handlers() if isinstance(handler, logging.StreamHandler)]
    handlers = [handler for handler in streaming if handler.stream is stderr]
    lines = Live(
        get_renderable=table,
        console=console,
        refresh_per_second=_REFRESHES_PER_SECOND,
        transient=True,
        redirect_stdout=False,
    )
    try:
        with lines:
            for handler in handlers:
                handler.setStream(sys.stderr)
            yield
    finally:
        for handler in handlers:
            handler.setStream(stderr)


def fitting_rows(rows: Sequence[Sequence[str]], lines: int) -> Sequence[Sequence[str]]:
    """The rows that fit on these lines, with the number of those left out, and the last one."""
    if len(rows) <= lines:
        return rows
    shown = max(0, lines - 2)
    return [*rows[:shown], [f"{len(rows) - 1 - shown} more"], rows[-1]]
