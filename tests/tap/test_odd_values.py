"""Values that LinkedIn's documentation does not foresee: the row is kept, and nothing is taken for what it is not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tap_linkedin_dma.sandbox import Sandbox
from tests.tap.plain import DAY_MS, NOW_MS, PlainLinkedIn, read, urn_of
from tests.tap.runs import run

ENGAGEMENT = {"posts", "social_metadata", "comments", "reactions"}


@pytest.fixture
def linkedin() -> Iterator[PlainLinkedIn]:
    """A company of nothing but what a test gives it."""
    serving = PlainLinkedIn()
    with serving:
        yield serving


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The one row that there is."""
    (row,) = rows
    return row


UNSAID = [
    pytest.param({"commentSummary": {"count": 3, "topLevelCount": None}}, id="topLevelCount null"),
    pytest.param({"commentSummary": {"count": 3}}, id="topLevelCount absent"),
    pytest.param({"commentSummary": {"count": "3", "topLevelCount": "3"}}, id="counts as text"),
    pytest.param({"commentSummary": {"count": {"long": 3}, "topLevelCount": 3}}, id="a count union"),
    pytest.param({"commentSummary": {"topLevelCount": 3}}, id="count absent"),
    pytest.param({"commentSummary": {"count": None, "topLevelCount": None}}, id="counts null"),
    pytest.param({"commentSummary": {"count": "many"}}, id="a count that is none"),
    pytest.param({"commentSummary": {}}, id="an empty summary"),
    pytest.param({"commentSummary": None}, id="a null summary"),
    pytest.param({"commentSummary": 3}, id="a bare summary"),
    pytest.param({}, id="no summary"),
]


@pytest.mark.parametrize("counts", UNSAID)
def test_comments_are_listed_unless_a_count_says_0(linkedin: PlainLinkedIn, counts: dict[str, Any]) -> None:
    """Whatever shape the counts have; the row of the counts is kept."""
    post = linkedin.add_post(urn_of(1))
    comments = linkedin.add_comments(post, 3)
    linkedin.entities["dmaSocialMetadata"][post] = {"entity": post, **counts}
    first = read(linkedin, ENGAGEMENT)
    assert first.values("comments", "urn") == comments
    assert first.values("social_metadata", "entity") == [post]
    linkedin.clear()
    read(linkedin, ENGAGEMENT, first.state)
    assert not linkedin.asked("commentsOnEntity")


@pytest.mark.parametrize("zero", [0, "0", {"long": 0}])
def test_a_count_of_0_in_any_shape_costs_no_listing(linkedin: PlainLinkedIn, zero: object) -> None:
    """LinkedIn says that there are none."""
    post = linkedin.add_post(urn_of(1))
    linkedin.counts(post).update(commentSummary={"count": zero, "topLevelCount": zero})
    read(linkedin, ENGAGEMENT)
    assert not linkedin.asked("commentsOnEntity")


@pytest.mark.parametrize(
    "summaries",
    [
        {"PRAISE": 3},
        {"LIKE": {"reactionType": "LIKE", "count": "2"}, "PRAISE": 3},
        {"LIKE": {"reactionType": "LIKE", "count": None}},
        {"LIKE": {"reactionType": "LIKE"}},
        {"LIKE": None},
    ],
)
def test_reactions_are_listed_where_their_counts_cannot_be_read(
    linkedin: PlainLinkedIn, summaries: dict[str, Any]
) -> None:
    """A type that is named stands for one reaction at least."""
    post = linkedin.add_post(urn_of(1))
    reactions = linkedin.add_reactions(post, 3)
    linkedin.counts(post)["reactionSummaries"] = summaries
    result = read(linkedin, ENGAGEMENT)
    assert result.values("reactions", "urn") == reactions
    assert result.values("social_metadata", "entity") == [post]


@pytest.mark.parametrize("published", ["2026-02-01T00:00:00Z", "soon", {"time": 5}, 1.5, 10**18])
def test_a_post_published_at_no_epoch_keeps_its_row(linkedin: PlainLinkedIn, published: object) -> None:
    """The value stands in `unmapped`, and the bookmark is another post's."""
    odd = linkedin.add_post(urn_of(1), publishedAt=published)
    linkedin.add_post(urn_of(2), publishedAt=NOW_MS - 2 * DAY_MS)
    result = read(linkedin, {"posts", "post_content_trend"})
    row = result.records["posts"][0]
    assert (row["id"], row["published_at"], row["unmapped"]) == (odd, None, {"publishedAt": published})
    assert result.state_of("posts", linkedin.organization)["replication_key_value"] == "2026-02-28T09:30:00.000+00:00"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"media": {"title": {"x": 1}, "media": {"video": {"downloadUrl": "u", "thumbnails": ["a"]}}}}, "video"),
        ({"media": {"title": "t", "media": {"image": "urn:li:image:1"}}}, "image"),
        ({"article": {"title": ["a"], "source": 5}}, "article"),
        ({"poll": {"question": {"text": "?"}, "options": "none"}}, "poll"),
        ({"multiImage": {"images": [1, 2]}}, "multi_image"),
    ],
)
def test_an_odd_value_deep_in_a_post_keeps_the_row(linkedin: PlainLinkedIn, content: dict[str, Any], kind: str) -> None:
    """Its content stands as it was sent, in its column or in `unmapped`, and its kind is told from it."""
    linkedin.add_post(urn_of(1), content=content)
    row = only(read(linkedin, {"posts"}).records["posts"])
    assert row["content_kind"] == kind
    assert row["content"] or row["unmapped"] == {"content": content}


def test_linkedins_own_fields_do_not_fill_the_taps_columns(linkedin: PlainLinkedIn) -> None:
    """What the tap works out stays so; a field of such a name goes into `unmapped`."""
    own: dict[str, Any] = {"text": "own", "url": "https://own.example.com", "contentKind": "own"}
    post = linkedin.add_post(urn_of(1), commentary="said", **own)
    comment = only([{"urn": urn} for urn in linkedin.add_comments(post, 1)])["urn"]
    linkedin.entities["dmaComments"][comment] = {"id": 1, "commentary": {"text": "said"}, "text": "own"}
    counts = {"commentCount": 9, "reactionCount": 9, "snapshotDate": "1999-01-01"}
    linkedin.counts(post).update(counts)
    result = read(linkedin, ENGAGEMENT)
    row = only(result.records["posts"])
    assert (row["text"], row["content_kind"], row["unmapped"]) == ("said", "none", own)
    assert row["url"] == f"https://www.linkedin.com/feed/update/{post}"
    row = only(result.records["comments"])
    assert (row["text"], row["unmapped"]) == ("said", {"text": "own"})
    row = only(result.records["social_metadata"])
    assert (row["comment_count"], row["reaction_count"], row["snapshot_date"]) == (1, 0, "2026-03-02")
    assert row["unmapped"] == counts


def test_whole_numbers_of_analytics_may_come_in_a_union_as_text(sandbox: Sandbox) -> None:
    """As counts of content analytics do."""
    company = sandbox.world.truth.organizations[0].urn
    value = {"followerEdgeAnalyticsValue": {"organicValue": {"long": "5"}, "sponsoredValue": {"long": 6}}}
    interval = {"timeRange": {"start": NOW_MS - DAY_MS, "end": NOW_MS}, "timeGranularityType": "DAY"}
    element = {"timeIntervals": interval, "value": {"totalCount": {"long": "11"}, "typeSpecificValue": value}}
    sandbox.answer("dmaOrganizationalPageEdgeAnalytics", status=200, body={"elements": [element]}, times=None)
    row = only(run(sandbox, select={"follower_trend"}, organizations=[company]).records["follower_trend"])
    assert (row["organic_value"], row["sponsored_value"], row["total_count"]) == (5, 6, 11)
    assert row["unmapped"] is None
