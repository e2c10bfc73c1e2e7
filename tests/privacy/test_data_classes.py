"""Which rules of LinkedIn's terms a column falls under: in the catalog, and until when a row may be kept."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.support.runs import run

MEMBER = {
    *("me", "people", "message_threads", "messages", "series_subscribers", "event_role_assignments"),
    *("services_page_engagements", "visitor_of_the_day"),
    *("member_authorizations", "member_snapshots", "member_changelog"),
}
STANDARDIZED = {
    *("functions", "seniorities", "standardized_industries", "industries", "titles", "super_titles", "skills"),
    *("degrees", "fields_of_study", "benefits", "featured_commitments", "geos"),
}


@pytest.fixture(scope="module")
def catalog() -> dict[str, dict[tuple[str, ...], dict[str, Any]]]:
    """The metadata of each stream, by breadcrumb, as `--discover` prints it."""
    tap = TapLinkedInDMA(config={"access_token": "x", "member_access_token": "y"}, setup_mapper=False)
    return {
        stream["tap_stream_id"]: {tuple(entry["breadcrumb"]): entry["metadata"] for entry in stream["metadata"]}
        for stream in json.loads(tap.catalog_json_text)["streams"]
    }


def test_every_stream_has_its_class(catalog: dict[str, Any]) -> None:
    """Whole rows of members, LinkedIn's reference lists, and the rest."""
    classes = {name: metadata[()]["data-class"] for name, metadata in catalog.items()}
    assert {name for name, of_stream in classes.items() if of_stream == "member"} == MEMBER
    assert {name for name, of_stream in classes.items() if of_stream == "standardized"} == STANDARDIZED
    assert set(classes.values()) == {"member", "standardized", "none"}


@pytest.mark.parametrize("stream", [stream.name for stream in STREAMS if stream.evidence == "inferred"])
def test_fields_of_undocumented_records_are_not_said_to_be_nobody_s(catalog: dict[str, Any], stream: str) -> None:
    """Their class is unknown, unless they have one."""
    assert catalog[stream]["properties", "unmapped"]["data-class"] in ("unknown", "member", "standardized")


@pytest.mark.parametrize("stream", [stream.name for stream in STREAMS])
def test_every_column_has_its_class(catalog: dict[str, Any], stream: str) -> None:
    """And is still chosen as before: its class takes nothing of the metadata away."""
    columns = {crumb: told for crumb, told in catalog[stream].items() if len(crumb) == 2}
    assert columns
    assert all(
        told["data-class"] in ("member", "standardized", "bing_maps", "unknown", "none") and told["inclusion"]
        for told in columns.values()
    )


@pytest.mark.parametrize(
    ("stream", "path", "told"),
    [
        ("comments", "text", {"data-class": "member"}),
        ("comments", "created.actor", {"data-class": "member"}),
        ("comments", "post", {"data-class": "none"}),
        ("followers", "row_key", {"data-class": "member"}),
        ("notifications", "decorated_source_post", {"data-class": "member"}),
        ("message_threads", "membership.[].identity", None),
        ("messages", "content", {"data-class": "member", "sensitive": True}),
        ("messages", "thread", {"data-class": "none"}),
        ("people", "id", {"data-class": "member"}),
        ("lead_gen_form_responses", "form_response", {"data-class": "member", "sensitive": True}),
        ("lead_gen_form_responses", "form_response.answers.[].questionId", {"data-class": "none"}),
        ("organizations", "industries", {"data-class": "none"}),
        ("organizations", "industries.[]", {"data-class": "standardized"}),
        ("geos", "default_localized_name", {"data-class": "bing_maps"}),
        ("geos", "geo", {"data-class": "standardized"}),
        ("events", "address", {"data-class": "bing_maps", "unsure": True}),
        ("events", "type.inPerson.address", {"data-class": "bing_maps", "unsure": True}),
        ("posts", "commentary_attributes.[].value.person.person", {"data-class": "member"}),
    ],
)
def test_a_value_below_a_column_has_its_class_where_it_differs(
    catalog: dict[str, Any], stream: str, path: str, told: dict[str, Any] | None
) -> None:
    """None stands for what has the class of the column that it is in."""
    crumb: list[str] = []
    for step in path.split("."):
        crumb += ["items"] if step == "[]" else ["properties", step]
    found = catalog[stream].get(tuple(crumb), {})
    marks = {name: found[name] for name in ("data-class", "sensitive", "unsure") if name in found}
    assert marks == (told or {})


def test_a_deselected_value_below_a_column_stays_away() -> None:
    """The metadata of classes does not stand in the way of a catalog of the user's own."""
    tap = TapLinkedInDMA(config={"access_token": "x"}, setup_mapper=False)
    (stream,) = [entry for entry in tap.catalog_dict["streams"] if entry["tap_stream_id"] == "comments"]
    for entry in stream["metadata"]:
        if entry["breadcrumb"] == ["properties", "created", "properties", "actor"]:
            entry["metadata"]["selected"] = False
    other = TapLinkedInDMA(config={"access_token": "x"}, catalog={"streams": [stream]}, setup_mapper=False)
    mask = other.streams["comments"].mask
    assert not mask["properties", "created", "properties", "actor"]
    assert mask["properties", "created", "properties", "time"]


@pytest.mark.parametrize(
    ("stream", "until"), [("functions", "2027-03-02"), ("industries", "2027-03-02"), ("geos", "2026-03-02")]
)
def test_a_reference_row_says_until_when_it_may_be_kept(sandbox: Sandbox, stream: str, until: str) -> None:
    """A year from the run that read it; the name of a place not a day."""
    result = run(sandbox, select={stream, "organizations"})
    assert set(result.values(stream, "retain_until")) == {until}


def test_names_of_places_come_with_a_warning_on_every_run(sandbox: Sandbox, caplog: pytest.LogCaptureFixture) -> None:
    """Once a run, with the paragraph; they leave if a setting of their own says so, not since geos is selected."""
    first = run(sandbox, select={"geos", "organizations"})
    assert {*first.values("geos", "default_localized_name"), *first.values("geos", "unmapped")} == {None}
    assert "Bing Maps" not in caplog.text
    first = run(sandbox, select={"geos", "organizations"}, geo_names=True)
    assert all(first.values("geos", "default_localized_name"))
    caplog.clear()
    with caplog.at_level(logging.WARNING):
        run(sandbox, first.state, select={"geos", "organizations"}, geo_names=True)
    assert (
        caplog.text.count("place names are Bing Maps data, which LinkedIn's Portability API Terms (2.2.2, 3.2.2)") == 1
    )
    caplog.clear()
    run(sandbox, select={"organizations"})
    assert "Bing Maps" not in caplog.text
