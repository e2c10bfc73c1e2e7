"""The queries of the docs, asked of what real targets have loaded; each answer is worked out by other means too."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean, median
from typing import Any, cast

import pendulum
import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world import Changes
from tests.conftest import NOW
from tests.end_to_end.targets import loaded_duckdb, loaded_postgres
from tests.support.runs import Record, run

QUERIES = Path(__file__).parents[2] / "docs" / "queries"
SELECTED = {
    *("organizations", "posts", "comments", "social_metadata", "engagement_listings", "people", "organization_lookup"),
    *("post_content_trend", "follower_demographics", "visitor_demographics", "industries"),
    *("lead_gen_forms", "lead_gen_form_responses", "content_series", "series_subscriber_counts"),
}

Ask = Callable[[str], list[tuple[Any, ...]]]


class Loaded:
    """The world, what its days brought, and what two runs read of it."""

    def __init__(self, world: World, changes: Changes, messages: list[dict[str, Any]]) -> None:
        self.world = world
        self.changes = changes
        self.messages = messages

    def __getitem__(self, stream: str) -> list[Record]:
        """The newest row of each key."""
        (keys,) = {tuple(m["key_properties"]) for m in self.messages if m["type"] == "SCHEMA" and m["stream"] == stream}
        records = [m["record"] for m in self.messages if m["type"] == "RECORD" and m["stream"] == stream]
        return list({tuple(record[name] for name in keys): record for record in records}.values())

    def responses(self) -> dict[str, int]:
        """Comments and reactions of each post, as last counted."""
        rows = sorted(self["social_metadata"], key=lambda row: str(row["snapshot_date"]))
        return {row["entity"]: row["comment_count"] + row["reaction_count"] for row in rows}


@pytest.fixture(scope="module")
def loaded() -> Iterator[Loaded]:
    """A run, and another one three days later."""
    with Sandbox(World(posts=30, followers=40, seed=3, now=NOW)) as sandbox:
        first = run(sandbox, select=SELECTED)
        changes = sandbox.tick(3)
        second = run(sandbox, first.state, select=SELECTED)
        yield Loaded(sandbox.world, changes, [*first.messages, *second.messages])


@pytest.fixture(scope="module", params=[loaded_postgres, loaded_duckdb])
def ask(request: pytest.FixtureRequest, loaded: Loaded, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ask]:
    """Asks a query by its name; numbers come as floats, and dates as text."""
    folder = tmp_path_factory.mktemp("warehouse")
    messages = folder / "messages.jsonl"
    messages.write_text("".join(f"{json.dumps(message)}\n" for message in loaded.messages))
    with request.param(messages, folder, "linkedin") as execute:
        yield lambda name: [tuple(map(_plain, row)) for row in execute(_query(name))]


def _query(name: str) -> str:
    (file,) = QUERIES.glob(f"*_{name}.sql")
    return file.read_text(encoding="utf-8")


def _plain(value: Any) -> Any:
    if hasattr(value, "isoformat"):
        return value.isoformat()
    return value if value is None or isinstance(value, str) else float(value)


def time(text: str) -> pendulum.DateTime:
    return cast("pendulum.DateTime", pendulum.parse(text))


def test_engagement_by_kind(ask: Ask, loaded: Loaded) -> None:
    """Clicks, comments and reactions of the posts that are older than three days, by their impressions."""
    figures: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in loaded["post_content_trend"]:
        figures[row["post"]][row["type"]] += row["total_count"]
    newest = max(time(row["start"]) for row in loaded["post_content_trend"])
    expected: defaultdict[str, list[float]] = defaultdict(lambda: [0, 0, 0])
    responses = loaded.responses()
    for post in loaded["posts"]:
        of_post = figures[post["id"]]
        if of_post["IMPRESSIONS"] and time(post["published_at"]) < newest.subtract(days=3):
            engagements = of_post["CLICKS"] + responses[post["id"]]
            sums = zip(expected[post["content_kind"]], (1, of_post["IMPRESSIONS"], engagements), strict=True)
            expected[post["content_kind"]] = [sum(pair) for pair in sums]
    answer = ask("engagement_by_kind")
    assert {kind: [*sums] for kind, *sums, _ in answer} == expected
    assert [rate for *_, rate in answer] == sorted((rate for *_, rate in answer), reverse=True)
    assert all(rate == pytest.approx(100 * part / whole, abs=0.01) for _, _, whole, part, rate in answer)


def test_first_comment(ask: Ask, loaded: Loaded) -> None:
    """The median over the posts that somebody else has commented on, in hours."""
    published = {post["id"]: time(post["published_at"]) for post in loaded["posts"]}
    waits: defaultdict[str, list[float]] = defaultdict(list)
    for row in loaded["comments"]:
        if row["actor"] != row["organization"] and row["post"] in published and row["created_at"]:
            waits[row["post"]].append((time(row["created_at"]) - published[row["post"]]).total_seconds() / 3600)
    assert ask("first_comment") == [pytest.approx((len(waits), median(map(min, waits.values()))))]


def test_followers_by_country(ask: Ask, loaded: Loaded) -> None:
    """As of the last run, and what came since the first one."""
    by_day: defaultdict[str, dict[tuple[str, str], float]] = defaultdict(dict)
    for row in loaded["follower_demographics"]:
        if row["dimension_type"] == "COUNTRY_GEO":
            by_day[row["snapshot_date"]][row["organization"], row["dimension_value"]] = row["total_count"]
    oldest, newest = (by_day[day] for day in (min(by_day), max(by_day)))
    answer = {
        (organization, country): (followers, gained)
        for organization, country, followers, gained in ask("followers_by_country")
    }
    assert answer == {place: (count, count - oldest[place]) for place, count in newest.items()}


def test_top_commenters(ask: Ask, loaded: Loaded) -> None:
    """By name if LinkedIn gives one; the page itself is not among them."""
    counted = Counter(row["actor"] for row in loaded["comments"] if row["actor"] not in (None, row["organization"]))
    names = {row["person"]: f"{row['localized_first_name']} {row['localized_last_name']}" for row in loaded["people"]}
    answer = ask("top_commenters")
    assert [count for _, _, count, _ in answer] == sorted(counted.values(), reverse=True)[:10]
    assert all(counted[actor] == count and names.get(actor, actor) == name for name, actor, count, _ in answer)


def test_removed_comments(ask: Ask, loaded: Loaded) -> None:
    """Those that the world has removed."""
    assert loaded.changes.deleted
    assert {urn for _, urn, _ in ask("removed_comments")} == {*loaded.changes.deleted}


def test_leads_by_week(ask: Ask, loaded: Loaded) -> None:
    """Each answer counts once, under its form's name."""
    names = {form["urn"]: form["name"] for form in loaded["lead_gen_forms"]}
    expected = Counter(
        (time(row["submitted_at"]).start_of("week").to_date_string(), row["lead_gen_form"], names[row["lead_gen_form"]])
        for row in loaded["lead_gen_form_responses"]
        if not row["test_lead"]
    )
    answer = ask("leads_by_week")
    assert {(week, form, name): leads for week, form, name, leads in answer} == expected


def test_newsletter_subscribers(ask: Ask, loaded: Loaded) -> None:
    """The count of each day, and what it gained on the day before."""
    counts = {
        (row["content_series"], row["snapshot_date"]): row["subscriber_count"]
        for row in loaded["series_subscriber_counts"]
    }
    answer = ask("newsletter_subscribers")
    assert {(series, day): count for series, _, day, count, _ in answer} == counts
    assert len({day for _, day in counts}) == 2
    days = sorted({day for _, day in counts})
    gains = {series: gained for series, _, day, _, gained in answer if day == days[1]}
    assert gains == {series: counts[series, days[1]] - counts[series, days[0]] for series in gains}


def test_visitors_by_industry(ask: Ask, loaded: Loaded) -> None:
    """Of all sections of the page, by the industry's name."""
    names = {row["urn"]: row["localized_name"] for row in loaded["industries"]}
    expected: Counter[tuple[str, str]] = Counter()
    for row in loaded["visitor_demographics"]:
        if row["dimension_type"] == "INDUSTRY" and row["source_type"] == "ALL":
            expected[row["start"][:10], names[row["dimension_value"]]] += row["total_count"]
    assert {(month, industry): visits for month, industry, visits, _ in ask("visitors_by_industry")} == expected


def test_best_hours(ask: Ask, loaded: Loaded) -> None:
    """By the clock of Berlin."""
    responses = loaded.responses()
    by_hour: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
    for post in loaded["posts"]:
        local = time(post["published_at"]).in_timezone("Europe/Berlin")
        by_hour[local.isoweekday(), local.hour].append(responses[post["id"]])
    answer = {(weekday, hour): (posts, average) for weekday, hour, posts, average in ask("best_hours")}
    assert answer == {when: pytest.approx((len(found), mean(found)), abs=0.06) for when, found in by_hour.items()}


def test_unanswered_comments(ask: Ask, loaded: Loaded) -> None:
    """Those at the top that the world has no reply of the page to."""
    truth = loaded.world.truth
    answered = {reply.parent.urn for reply in truth.replies if reply.parent and reply.by_page}
    listed_at = {row["urn"]: time(row["listed_at"]) for row in loaded["comments"]}
    expected = {
        comment.urn
        for comment in truth.comments
        if comment.urn in listed_at.keys() - answered
        and not comment.by_page
        and pendulum.from_timestamp(comment.created / 1000) < listed_at[comment.urn].subtract(days=1)
    }
    assert answered
    assert {urn for _, urn, *_ in ask("unanswered_comments")} == expected


def test_every_query_is_asked() -> None:
    """By a test of its name."""
    assert {file.stem[3:] for file in QUERIES.glob("*.sql")} <= {name.removeprefix("test_") for name in globals()}
