"""Values that LinkedIn's documentation does not foresee: the row is kept, and nothing is taken for what it is not."""

from __future__ import annotations

from typing import Any

from linkedin_sandbox import Sandbox
from tests.support.plain import DAY_MS, NOW_MS, PlainLinkedIn, read, urn_of
from tests.support.runs import run

ENGAGEMENT = {"posts", "social_metadata", "comments", "reactions"}


def only(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """The one row that there is."""
    (row,) = rows
    return row


def test_comments_are_listed_unless_a_count_says_0(linkedin: PlainLinkedIn) -> None:
    """Whatever shape the counts have; the row of the counts is kept."""
    summaries: list[Any] = [
        {"count": 3, "topLevelCount": None},
        {"count": 3},
        {"count": "3", "topLevelCount": "3"},
        {"count": {"long": 3}, "topLevelCount": 3},
        {"topLevelCount": 3},
        {"count": None, "topLevelCount": None},
        {"count": "many"},
        {},
        None,
        3,
    ]
    posts = [linkedin.add_post(urn_of(days)) for days in range(len(summaries) + 1)]
    comments = [urn for post in posts for urn in linkedin.add_comments(post, 3)]
    for post, counts in zip(posts, [*({"commentSummary": summary} for summary in summaries), {}], strict=True):
        linkedin.entities["dmaSocialMetadata"][post] = {"entity": post, **counts}
    first = read(linkedin, ENGAGEMENT)
    assert first.values("comments", "urn") == comments
    assert first.values("social_metadata", "entity") == posts
    linkedin.clear()
    read(linkedin, ENGAGEMENT, first.state)
    assert not linkedin.asked("commentsOnEntity")


def test_a_count_of_0_in_any_shape_costs_no_listing(linkedin: PlainLinkedIn) -> None:
    """LinkedIn says that there are none."""
    for days, zero in enumerate((0, "0", {"long": 0})):
        post = linkedin.add_post(urn_of(days))
        linkedin.counts(post).update(commentSummary={"count": zero, "topLevelCount": zero})
    read(linkedin, ENGAGEMENT)
    assert not linkedin.asked("commentsOnEntity")


def test_reactions_are_listed_where_their_counts_cannot_be_read(linkedin: PlainLinkedIn) -> None:
    """A type that is named stands for one reaction at least."""
    summaries: list[dict[str, Any]] = [
        {"PRAISE": 3},
        {"LIKE": {"reactionType": "LIKE", "count": "2"}, "PRAISE": 3},
        {"LIKE": {"reactionType": "LIKE", "count": None}},
        {"LIKE": {"reactionType": "LIKE"}},
        {"LIKE": None},
    ]
    reactions = []
    for days, summary in enumerate(summaries):
        post = linkedin.add_post(urn_of(days))
        reactions += linkedin.add_reactions(post, 3)
        linkedin.counts(post)["reactionSummaries"] = summary
    result = read(linkedin, ENGAGEMENT)
    assert result.values("reactions", "urn") == reactions
    assert len(result.records["social_metadata"]) == len(summaries)


def test_a_post_published_at_no_epoch_keeps_its_row(linkedin: PlainLinkedIn) -> None:
    """The value stands in `unmapped`, and the bookmark is another post's."""
    published = ["2026-02-01T00:00:00Z", "soon", {"time": 5}, 1.5, 10**18]
    odd = [linkedin.add_post(urn_of(1, number), publishedAt=value) for number, value in enumerate(published)]
    linkedin.add_post(urn_of(2), publishedAt=NOW_MS - 2 * DAY_MS)
    result = read(linkedin, {"posts", "post_content_trend"})
    *rows, _ = result.records["posts"]
    assert [(row["id"], row["published_at"]) for row in rows] == [(urn, None) for urn in odd]
    assert [row["unmapped"] for row in rows] == [{"publishedAt": value} for value in published]
    assert result.state_of("posts", linkedin.organization)["replication_key_value"] == "2026-02-28T09:30:00.000+00:00"


def test_an_odd_value_deep_in_a_post_keeps_the_row(linkedin: PlainLinkedIn) -> None:
    """Its content stands as it was sent, in its column or in `unmapped`, and its kind is told from it."""
    contents: dict[str, dict[str, Any]] = {
        "video": {"media": {"title": {"x": 1}, "media": {"video": {"downloadUrl": "u", "thumbnails": ["a"]}}}},
        "image": {"media": {"title": "t", "media": {"image": "urn:li:image:1"}}},
        "article": {"article": {"title": ["a"], "source": 5}},
        "poll": {"poll": {"question": {"text": "?"}, "options": "none"}},
        "multi_image": {"multiImage": {"images": [1, 2]}},
    }
    for days, content in enumerate(contents.values()):
        linkedin.add_post(urn_of(days), content=content)
    rows = read(linkedin, {"posts"}).records["posts"]
    assert [row["content_kind"] for row in rows] == [*contents]
    for row, content in zip(rows, contents.values(), strict=True):
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


def test_a_field_called_like_the_taps_own_key_does_not_become_it(linkedin: PlainLinkedIn) -> None:
    """Rows of one such value would be one row; the field goes into `unmapped`."""
    elements = [{"rowKey": "x"}, {"rowKey": "x", "n": 1}, {"row_key": "x"}, {"rowKey": "x", "n": 2}]
    linkedin.answer("dmaAdminContentMediaGallery", status=200, body={"elements": elements}, times=None)
    linkedin.answer("dmaOrganizationalPageFollows", status=200, body={"elements": elements}, times=None)
    result = read(linkedin, {"media_gallery", "followers"})
    for stream in ("media_gallery", "followers"):
        rows = result.records[stream]
        assert [row["unmapped"] for row in rows] == elements
        assert len({row["row_key"] for row in rows} - {"x"}) == 4


KEYED = {
    "events": "dmaEvents",
    "lead_gen_forms": "dmaLeadGenForm",
    "lead_gen_form_responses": "dmaLeadGenFormResponse",
    "content_series": "dmaContentSeries",
    "original_articles": "dmaOriginalArticles",
    "page_profiles": "dmaOrganizationalPageProfiles",
}


def test_elements_without_an_id_are_no_row_of_another_organization(sandbox: Sandbox) -> None:
    """Nor is one of two that look alike the other; the keys are those of the next run."""
    for resource in KEYED.values():
        sandbox.answer(resource, status=200, body={"elements": [{"future": 1}, {"future": 1}]}, times=None)
    first, second = (run(sandbox, select={*KEYED}) for _ in range(2))
    for stream in KEYED:
        rows = first.records[stream]
        (key,) = first.schemas[stream][0]["key_properties"]
        assert len({row["organization"] for row in rows}) > 1
        assert len({row[key] for row in rows}) == len(rows)
        assert second.values(stream, key) == first.values(stream, key)


def test_an_entry_without_an_id_has_no_urn(sandbox: Sandbox) -> None:
    """None that others could join on is made up."""
    elements: list[dict[str, Any]] = [{"id": None}, {"id": ""}, {}, {"id": 0}]
    sandbox.answer("dmaFunctions", status=200, body={"elements": elements}, times=None)
    assert run(sandbox, select={"functions"}).values("functions", "urn") == [None, None, None, "urn:li:function:0"]


def test_one_thing_may_have_fields_of_any_name(sandbox: Sandbox) -> None:
    """It is no listing, nor a batch."""
    company, body = sandbox.world.truth.organizations[0].urn, {"id": 5, "elements": ["a", "b"], "results": {"x": 1}}
    sandbox.answer("dmaCareerPageSettings", status=200, body=body, times=None)
    result = run(sandbox, select={"career_page_settings"}, organizations=[company])
    assert only(result.records["career_page_settings"])["unmapped"] == body
