"""Runs this tap with a clock that is some days behind, the first argument says how many."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pendulum


def main() -> None:
    """Run the tap."""
    from tap_linkedin_dma.api.clock import SystemClock
    from tap_linkedin_dma.commands import main as run
    from tap_linkedin_dma.tap import TapLinkedInDMA

    days = int(sys.argv.pop(1))

    class Behind(SystemClock):
        def now(self) -> pendulum.DateTime:
            return super().now().subtract(days=days)

    TapLinkedInDMA.clock = Behind()
    run()


if __name__ == "__main__":
    main()
