"""What goes over the wire for the streams that ask by ids, by criteria, or for all there is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.stream_types.derived import DerivedStream
from tap_linkedin_dma.streams import STREAMS
from tests.stream_types.test_wire import lines
from tests.support.runs import run

LOCALE = "locale=(language:fr,country:FR)"
PLAIN_LOCALE = "locale=fr_FR"


@pytest.mark.parametrize(
    ("stream", "line"),
    [
        ("degrees", f"dmaDegrees?{LOCALE}&start=0&count=100"),
        ("fields_of_study", f"dmaFieldsOfStudy?{LOCALE}&start=0&count=100"),
        ("functions", f"dmaFunctions?{PLAIN_LOCALE}&start=0&count=500"),
        ("industries", f"dmaIndustryTaxonomyVersions/DEFAULT/dmaIndustries?{LOCALE}&start=0&count=100"),
        ("skills", f"dmaSkills?{LOCALE}&start=0&count=100"),
        ("standardized_industries", f"dmaStandardizedIndustries?{LOCALE}&start=0&count=500"),
        ("seniorities", f"dmaStandardizedSeniorities?{LOCALE}&start=0&count=500"),
        ("super_titles", f"dmaSuperTitles?{PLAIN_LOCALE}&start=0&count=100"),
        ("titles", f"dmaTitles?{PLAIN_LOCALE}&start=0&count=100"),
    ],
)
def test_a_whole_list_is_asked_for_in_one_language(sandbox: Sandbox, stream: str, line: str) -> None:
    """That of the setting, in the form that each resource takes."""
    run(sandbox, select={stream}, locale="fr_FR")
    resource = line.partition("?")[0].rpartition("/")[2]
    assert lines(sandbox, resource)[0] == f"/rest/{line}"


NUMBER = "[0-9]+"


@pytest.mark.parametrize(
    ("stream", "source_columns", "path", "id_", "more"),
    [
        ("people", "comments", "dmaPeople", r"\(id:[A-Za-z0-9_-]+\)", ""),
        ("organization_lookup", "notifications,posts,comments,media_gallery", "dmaOrganizationLookup", NUMBER, ""),
        ("live_videos", "posts,events", "dmaLiveVideos", NUMBER, ""),
        ("product_categories", "products", "dmaProductCategories", NUMBER, ""),
        (
            "business_manager_accounts",
            "business_manager_account_organizations",
            "dmaBusinessManagerAccounts",
            NUMBER,
            "",
        ),
        (
            "targeted_contents",
            "content_revisions",
            "dmaOrganizationTargetedContents",
            r"urn%3Ali%3AorganizationTargetedContent%3A(\d+|%28urn%3Ali%3Aorganization%3A\d+%2C\d+%29)",
            "",
        ),
        ("activities", "comments", "dmaActivities", r"urn%3Ali%3Aactivity%3A\d+", ""),
        ("content_public_urls", "posts", "dmaContentPublicUrl", r"urn%3Ali%3A\w+%3A\d+", ""),
        (
            "ingested_content_summaries",
            "posts,comments",
            "dmaIngestedContentSummaries",
            r"urn%3Ali%3A(article|ingestedContent)%3A\d+",
            "",
        ),
        ("benefits", "workplace_policies", "dmaBenefitTaxonomyVersions/DEFAULT/dmaBenefits", NUMBER, ""),
        (
            "featured_commitments",
            "organization_commitments",
            "dmaFeaturedCommitmentTaxonomyVersions/DEFAULT/dmaFeaturedCommitment",
            NUMBER,
            "",
        ),
        ("geos", "organizations,follower_demographics", "dmaGeo", NUMBER, f"&{LOCALE}"),
    ],
)
def test_a_lookup_asks_by_ids_in_the_form_of_its_resource(
    sandbox: Sandbox, stream: str, source_columns: str, path: str, id_: str, more: str
) -> None:
    """A bare list; whole URNs or what follows their kind, encoded."""
    run(sandbox, select={stream, *source_columns.split(",")}, locale="fr_FR")
    asked = lines(sandbox, path.rpartition("/")[2])
    assert asked
    for line in asked:
        assert re.fullmatch(rf"/rest/{path}\?ids=List\({id_}(,{id_})*\){re.escape(more)}", line)


def test_rights_are_asked_for_by_action(sandbox: Sandbox) -> None:
    """Each action a record within a record within a record."""
    run(sandbox, select={"organization_authorizations"})
    action = "(authorizationAction:({}:(actionType:{})))".format
    actions = [
        action("organizationAnalyticsAuthorizationAction", "FOLLOWER_ANALYTICS_READ"),
        action("organizationContentAuthorizationAction", "ORGANIC_SHARE_CREATE"),
    ]
    assert lines(sandbox, "dmaOrganizationAuthorizations")[0] == (
        "/rest/dmaOrganizationAuthorizations?bq=authorizationActionsAndImpersonator"
        f"&authorizationActions=List({','.join(actions)})&start=0&count=100"
    )


def test_a_key_stands_in_the_path(sandbox: Sandbox) -> None:
    """Encoded whole, once for each organization."""
    run(sandbox, select={"career_page_settings"})
    assert lines(sandbox, "dmaCareerPageSettings") == [
        f"/rest/dmaCareerPageSettings/{organization.urn.replace(':', '%3A')}"
        for organization in sandbox.world.truth.organizations
    ]


def test_viewers_are_asked_for_by_live_video(sandbox: Sandbox) -> None:
    """Those that LinkedIn has shown."""
    result = run(sandbox, select={"posts", "events", "live_videos", "live_viewer_counts"})
    shown = result.values("live_videos", "live_video")
    assert shown
    assert [line for line in lines(sandbox, "dmaLiveViewerCountAnalytics") if "start=" not in line] == [
        f"/rest/dmaLiveViewerCountAnalytics?q=statistics&liveVideo={urn.replace(':', '%3A')}" for urn in shown
    ]


@pytest.mark.parametrize(
    "resource", ["dmaPeople", "dmaLiveVideos", "dmaProductCategories", "dmaBusinessManagerAccounts"]
)
@pytest.mark.parametrize("form", [1, 2])
def test_other_forms_of_ids_read_the_same(sandbox: Sandbox, resource: str, form: int) -> None:
    """Whichever of its forms LinkedIn takes."""
    (stream,) = (stream for stream in STREAMS if stream.resource == resource and "ids" in stream.params)
    select = {stream.name, "comments", "posts", "events", "products", "business_manager_account_organizations"}
    expected = run(sandbox, select=select).records[stream.name]
    sandbox.world.guesses = {f"{resource}.ids": form}
    assert run(sandbox, select=select).records[stream.name] == expected
    assert expected


def test_every_stream_has_its_request_here_or_in_test_wire() -> None:
    """A new one has its own line added, unless it makes no requests."""
    tables = "".join(file.read_text(encoding="utf-8") for file in Path(__file__).parent.glob("test_wire*.py"))
    asking = [stream.name for stream in STREAMS if not issubclass(stream, DerivedStream)]
    assert [name for name in asking if f'"{name}"' not in tables] == []
