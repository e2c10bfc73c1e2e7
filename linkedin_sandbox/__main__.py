"""The sandbox as a command: prints where it answers and its token, then serves until it is told to stop."""

from __future__ import annotations

import argparse
import signal
import threading
from collections.abc import Sequence

from .faults import NAMES, places_of
from .sandbox import Sandbox
from .world import World


def interval(text: str) -> tuple[str, float]:
    """``dmaFeedContentsExternal=60``."""
    resource, equals, seconds = text.partition("=")
    if not resource or not equals:
        raise argparse.ArgumentTypeError(f"expected RESOURCE=SECONDS, not {text!r}")
    return resource, float(seconds)


def faults(text: str) -> list[str]:
    """``429,404=dmaPosts``."""
    names = text.split(",")
    try:
        places_of(names)
    except ValueError as unknown:
        raise argparse.ArgumentTypeError(str(unknown)) from None
    return names


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser("python -m linkedin_sandbox", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0, the default, picks a free one")
    parser.add_argument("--posts", type=int, default=60, help="posts of the company (default 60)")
    parser.add_argument("--followers", type=int, default=250, help="followers of the company (default 250)")
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="milliseconds an answer takes")
    parser.add_argument("--seed", type=int, default=1, help="another seed, another world")
    parser.add_argument(
        "--interval",
        type=interval,
        action="append",
        default=[],
        metavar="RESOURCE=SECONDS",
        help="refuse a second request to RESOURCE within SECONDS; may be repeated",
    )
    parser.add_argument("--replies-in-listing", action="store_true", help="list replies with the comments of a post")
    parser.add_argument("--half-engaged", action="store_true", help="comments and reactions on every second post alone")
    parser.add_argument("--lag-days", type=int, default=0, help="list comments, reactions and reposts so late")
    parser.add_argument("--keep-answers", action="store_true", help="render each answer once; see Sandbox")
    parser.add_argument("--tick", action="store_true", help="let a day pass before serving")
    parser.add_argument(
        "--faults",
        type=faults,
        default=[],
        metavar="NAME[=RESOURCE],...",
        help=f"what goes wrong: {', '.join(NAMES)}; passing stands for all that pass",
    )
    parser.add_argument("--fault-rate", type=float, default=0.05, help="share of requests a passing fault strikes")
    parser.add_argument("--fault-seed", type=int, default=1, help="another seed, other moments")
    parser.add_argument(
        "--redirect-url",
        default="http://localhost:8400/callback",
        help="where the browser is sent after the consent page (default %(default)s)",
    )
    return parser.parse_args(arguments)


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve until SIGINT or SIGTERM."""
    options = parse(arguments)
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    world = World(
        posts=options.posts,
        followers=options.followers,
        seed=options.seed,
        replies_in_listing=options.replies_in_listing,
        half_engaged=options.half_engaged,
        lag_days=options.lag_days,
    )
    if options.tick:
        world.tick()
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
    )
    with sandbox:
        print(f"{sandbox.url} {sandbox.token}", flush=True)
        stop.wait()


if __name__ == "__main__":
    main()
