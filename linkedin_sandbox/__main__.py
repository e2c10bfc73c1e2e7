"""The command `linkedin-sandbox`."""

from __future__ import annotations

import argparse
import errno
import json
import re
import shlex
import signal
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from .faults import NAMES, places_of
from .sandbox import Sandbox
from .world import World
from .world.organizations import MOST_ORGANIZATIONS

DESCRIPTION = """
A stand-in for LinkedIn's DMA Portability APIs on this machine. It serves an invented company, and is as strict with
requests as LinkedIn is. It prints the settings that have tap-linkedin-dma read from it, as lines to paste into another
shell, and serves until Ctrl-C.
"""
EPILOG = """
A day passes in its world, with new posts, comments and followers, by
`curl --request POST "$TAP_LINKEDIN_DMA_API_URL/sandbox/tick"`.
"""


def interval(text: str) -> tuple[str, float]:
    """``dmaFeedContentsExternal=60``."""
    given = re.fullmatch(r"(\w+)=(\d+(?:\.\d+)?)", text)
    if given is None:
        raise argparse.ArgumentTypeError(f"expected RESOURCE=SECONDS, not {text!r}")
    return given[1], float(given[2])


def faults(text: str) -> list[str]:
    """``429,404=dmaPosts``."""
    names = text.split(",")
    try:
        places_of(names)
    except ValueError as unknown:
        raise argparse.ArgumentTypeError(str(unknown)) from None
    return names


def between(least: int, most: int) -> Callable[[str], int]:
    """A whole number within these bounds."""

    def whole(text: str) -> int:
        if not text.isdecimal() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"expected a whole number from {least} to {most}, not {text!r}")
        return int(text)

    return whole


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("linkedin-sandbox", "%(prog)s [OPTION ...]", DESCRIPTION, EPILOG)
    parser.add_argument("--port", type=between(0, 65535), default=0, help="where to listen (default: any free one)")
    parser.add_argument("--json", action="store_true", help="print the settings as one line of JSON: a config file")
    parser.add_argument("--member", action="store_true", help="print the token for a member's own data too")
    parser.add_argument(
        "--redirect-url",
        default="http://localhost:8400/callback",
        help="where the consent page sends the browser (default: %(default)s)",
    )

    world = parser.add_argument_group("its world")
    world.add_argument(
        "--organizations",
        type=between(1, MOST_ORGANIZATIONS),
        default=2,
        metavar="N",
        help="pages that the member administers: the company's, its showcase page, others (default: %(default)s)",
    )
    world.add_argument(
        "--posts",
        type=between(0, 1_000_000),
        default=60,
        metavar="N",
        help="posts of the company (default: %(default)s)",
    )
    world.add_argument(
        "--followers",
        type=between(0, 10_000_000),
        default=250,
        metavar="N",
        help="followers of the company (default: %(default)s)",
    )
    world.add_argument("--seed", type=int, default=1, metavar="N", help="another seed, another world")
    world.add_argument("--tick", action="store_true", help="let a day pass before serving")
    world.add_argument("--replies-in-listing", action="store_true", help="list replies with the comments of a post")
    world.add_argument(
        "--alike", action="store_true", help="as many posts and followers on every page, and posts evenly over a year"
    )
    world.add_argument("--half-engaged", action="store_true", help="comments and reactions on every second post alone")
    world.add_argument(
        "--lag-days",
        type=int,
        default=0,
        metavar="DAYS",
        help="list comments, reactions and reposts this many days late",
    )

    wire = parser.add_argument_group("how it answers")
    wire.add_argument("--latency", type=float, default=0.0, metavar="MS", help="milliseconds that an answer takes")
    wire.add_argument(
        "--interval",
        type=interval,
        action="append",
        default=[],
        metavar="RESOURCE=SECONDS",
        help="refuse a second request to RESOURCE within SECONDS; may be repeated",
    )
    wire.add_argument(
        "--as-reported",
        type=Path,
        metavar="FILE",
        help="answer in the forms of a wire report, which `tap-linkedin-dma doctor --report` writes",
    )
    wire.add_argument("--keep-answers", action="store_true", help="render each answer once, to measure a client")
    wire.add_argument(
        "--faults",
        type=faults,
        default=[],
        metavar="NAME[=RESOURCE],...",
        help=f"what goes wrong, of which `passing` stands for all that pass: {', '.join(NAMES)}",
    )
    wire.add_argument(
        "--fault-rate",
        type=float,
        default=0.05,
        metavar="SHARE",
        help="share of requests that a passing fault strikes (default: %(default)s)",
    )
    wire.add_argument("--fault-seed", type=int, default=1, metavar="N", help="another seed, other moments")
    return parser.parse_args(arguments)


def exports(settings: Mapping[str, Any]) -> str:
    """The settings as lines for a shell, each an environment variable that the tap reads."""
    texts = {name: value if isinstance(value, str) else json.dumps(value) for name, value in settings.items()}
    return "\n".join(f"export TAP_LINKEDIN_DMA_{name.upper()}={shlex.quote(text)}" for name, text in texts.items())


_SIGNAL_POLL_SECONDS = 0.05


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM."""
    options = parse(arguments)
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM):
        # A lock would not do: the handler may run while this thread holds it, or just before it begins to wait for it.
        signal.signal(number, lambda number, _: signals.append(number))
    world = World(
        posts=options.posts,
        followers=options.followers,
        seed=options.seed,
        organizations=options.organizations,
        replies_in_listing=options.replies_in_listing,
        half_engaged=options.half_engaged,
        alike=options.alike,
        lag_days=options.lag_days,
    )
    if options.tick:
        world.tick()
    try:
        sandbox = Sandbox(
            world,
            latency=options.latency / 1000,
            intervals=dict(options.interval),
            port=options.port,
            faults=options.faults,
            fault_rate=options.fault_rate,
            fault_seed=options.fault_seed,
            redirect_urls=[options.redirect_url],
            keep_answers=options.keep_answers,
            as_reported=options.as_reported,
        )
    except (OSError, ValueError) as error:
        sys.exit(f"linkedin-sandbox: {error}. Name the JSON file of a wire report.")
    try:
        sandbox.listen()
    except OSError as error:
        why = "is taken" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        sys.exit(f"linkedin-sandbox: Port {options.port} {why}: name another with --port, or none to get a free one.")
    with sandbox:
        settings = sandbox.tap_settings
        if options.member:
            settings["member_access_token"] = sandbox.member_token
        print(json.dumps(settings) if options.json else exports(settings), flush=True)
        if not options.json:
            print(
                "\nPaste these lines into the shell that the tap runs in. Ctrl-C here ends the sandbox.",
                file=sys.stderr,
                flush=True,
            )
        while not signals:
            time.sleep(_SIGNAL_POLL_SECONDS)


if __name__ == "__main__":
    main()
