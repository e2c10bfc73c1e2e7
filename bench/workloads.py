"""What is read, at what size and latency."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

# The sandbox's invented company.
ORGANIZATION = "urn:li:organization:90417283"
PAGE = "urn:li:organizationalPage:61552904"

CONTENT = "dmaOrganizationalPageContentAnalytics"
FEED = "dmaFeedContentsExternal"
FOLLOWS = "dmaOrganizationalPageFollows"


@dataclass(frozen=True)
class Workload:
    """What the sandbox holds, and what is read of it.

    `intervals` are the pauses in seconds that resources ask for; `days` pass before the run that is measured, which
    goes on from one that is not. Of several `pages` each has as many posts, spread evenly over a year. Each contender
    has its turn `rounds` times, and its quickest counts: what else a machine does makes none quicker.
    """

    letter: str
    about: str
    streams: tuple[str, ...]
    followers: int = 1
    posts: int = 1
    pages: int = 1
    latency_ms: int = 0
    intervals: Mapping[str, float] = field(default_factory=dict)
    days: int = 0
    rounds: int = 1

    @property
    def sandbox(self) -> list[str]:
        """The options that the sandbox is started with; delays come later, when its answers are rendered."""
        size = ["--followers", str(self.followers), "--posts", str(self.posts)]
        if self.pages > 1:
            size += ["--organizations", str(self.pages), "--alike"]
        return [*size, "--half-engaged", "--replies-in-listing", "--keep-answers"]


A = Workload("A", "200,000 followers in pages of 1,000, no latency", ("followers",), followers=200_000, rounds=3)
A_TENTH = replace(A, followers=A.followers // 10)
B = Workload(
    "B",
    "A page with 500 posts, comments and reactions on half of them, 50 ms latency",
    ("posts", "comments", "reactions"),
    posts=500,
    latency_ms=50,
    rounds=2,
)
C = replace(B, letter="C", about="B again, two days later: ten posts changed and a few came", days=2, rounds=3)
D = Workload(
    "D",
    "Paced: one call a second on each of two resources, 60 pages of followers and 61 calls to the feed",
    (*B.streams, "followers"),
    followers=58_000,
    posts=58,
    intervals={FEED: 1, FOLLOWS: 1},
)
E = replace(A, letter="E", about="A into PostgreSQL by `meltano run`, beside target-postgres alone", rounds=2)
F = Workload(
    "F",
    "A large page: 1,000,000 followers, and 28,400 posts with 100,000 comments",
    ("posts", "comments", "followers"),
    followers=1_000_000,
    posts=28_400,
)
G = Workload(
    "G",
    "A daily run over 30 pages with 150 posts each, at a hundredth of the real intervals",
    ("posts", "social_metadata", "post_content_trend", "creator_analytics"),
    posts=150,
    pages=30,
    intervals={CONTENT: 0.025, FEED: 0.01},
    days=1,
)
S = Workload("S", "Start-up: what a tap takes before it does anything", (), rounds=5)

ALL: Mapping[str, Workload] = {workload.letter: workload for workload in (A, B, C, D, E, F, G, S)}
