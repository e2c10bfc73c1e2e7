"""The keys of other streams that columns hold: they are found there, as far as the world has the thing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.live_videos import GONE, SILENT, WITHHELD, find_live_video
from linkedin_sandbox.world.organization_lookup import looked_up_organization
from linkedin_sandbox.world.people import people_entity
from linkedin_sandbox.world.reference_lists import FIELDS_OF_STUDY
from linkedin_sandbox.world.taxonomies import GEOS
from tap_linkedin_dma.commands.warehouse.dialects import keys
from tap_linkedin_dma.stream_types.base import DmaStream
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.streams.joins import BY_COLUMN, BY_NAME, joins_of
from tests.conftest import NOW
from tests.support.runs import Record, Run, run

PATHS = {
    (stream.name, path): list(joins)
    for stream in STREAMS
    for path, joins in groupby(joins_of(stream), lambda join: join.path)
}

NOTHING_TO_FIND = {
    *("comments.agent", "events.lead_gen_form", "posts.author", "reshares.author", "reshares.actor"),
    *("reshares.container", "instant_reposts.author", "instant_reposts.actor", "post_instant_reposts.author"),
    *("post_instant_reposts.actor", "post_gestures.source_entity", "services_page_providers.provider"),
    *("my_organization_acls.role_assignee", "organization_authorizations.impersonator", "posts.container"),
    *("notifications.source_post", "notifications.generated_activity", "events.ugc_post"),
}
"""The sandbox never sends the field; or it is of the token's member, or of a thing that exists nowhere else."""


def is_shown_video(world: World, urn: str) -> bool:
    found = find_live_video(world, urn)
    return found is not None and found[1] not in (GONE, SILENT, WITHHELD)


def number(urn: str) -> int:
    return int(urn.rpartition(":")[2])


IS_GIVEN: Mapping[str, Callable[[World, str], bool]] = {
    "person": lambda world, urn: isinstance(people_entity(world, urn), dict),
    "organization": lambda world, urn: isinstance(looked_up_organization(world, urn), dict),
    "organizationalPage": lambda world, urn: urn in {one.page_urn for one in world.truth.organizations},
    "share": lambda world, urn: urn in world.truth.posts,
    "ugcPost": lambda world, urn: urn in world.truth.posts,
    "comment": lambda world, urn: urn in {comment.urn for comment in world.truth.all_comments},
    "event": lambda world, urn: number(urn) in world.truth.events,
    "liveVideo": is_shown_video,
    "geo": lambda _, urn: isinstance(GEOS.names.get(number(urn)), str),
    "fieldOfStudy": lambda _, urn: number(urn) in FIELDS_OF_STUDY.numbers,
}
"""Whether the world gives the thing behind a URN of this type, for the types of which it withholds some."""


def is_given(world: World, urn: str) -> bool:
    decide = IS_GIVEN.get(urn.split(":")[2])
    return decide is None or decide(world, urn)


@pytest.fixture(scope="module")
def everything() -> Iterator[tuple[World, Run]]:
    """A run of all streams."""
    with Sandbox(World(posts=25, followers=40, seed=3, now=NOW)) as sandbox:
        config: dict[str, Any] = {"member_access_token": sandbox.member_token, "sensitive_domains": True}
        select = {stream.name for stream in STREAMS}
        yield sandbox.world, run(sandbox, select=select, start_date="2025-09-01", **config)


def at(value: Any, steps: Sequence[str]) -> Iterator[Any]:
    """Every value at a path; `[]` is a step to each item."""
    if not steps:
        yield from () if value is None else (value,)
    elif steps[0] == "[]":
        for item in value or ():
            yield from at(item, steps[1:])
    elif isinstance(value, Mapping):
        yield from at(value.get(steps[0]), steps[1:])


def values(rows: Sequence[Record], path: str) -> set[Any]:
    steps = path.replace("[]", ".[]").split(".")
    return {value for row in rows for value in at(row, steps)}


@pytest.mark.parametrize(("stream", "path"), [pytest.param(*where, id=".".join(where)) for where in PATHS])
def test_a_value_is_found_where_it_joins_to(everything: tuple[World, Run], stream: str, path: str) -> None:
    """Each one whose thing LinkedIn gives, and at least one."""
    world, result = everything
    held = values(result.records[stream], path)
    keys = {key for join in PATHS[stream, path] for key in values(result.records[join.stream], join.column)}
    assert [urn for urn in held - keys if urn.startswith("urn:li:") and is_given(world, urn)] == []
    assert bool(held & keys) is (f"{stream}.{path}" not in NOTHING_TO_FIND)


NAMES_NO_STREAM = {
    *("events.background_image", "lead_gen_form_responses.versioned_lead_gen_form_urn", "following.followee"),
    *("member_authorizations.developer_application", "member_changelog.actor"),
    "child_organizations.organizational_page",
}


@pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: str(stream.name))
def test_every_urn_is_a_key_or_joins_to_one(stream: type[DmaStream]) -> None:
    """Or it is known that no stream has what it names."""
    targets = {(join.stream, join.column) for other in STREAMS for join in joins_of(other)}
    joined = {join.source for join in joins_of(stream)}
    urns = {name for name, column in stream.schema["properties"].items() if column.get("x-urn")}
    own = {"id", "urn", *keys(stream)}
    rest = {f"{stream.name}.{name}" for name in urns - joined - own if (stream.name, name) not in targets}
    assert rest <= NAMES_NO_STREAM


def test_joins_name_columns() -> None:
    """Both sides exist, and nothing is declared of a column that no stream has."""
    schemas = {stream.name: stream.schema["properties"] for stream in STREAMS}
    joins = [join for stream in STREAMS for join in joins_of(stream)]
    assert [join for join in joins if join.column not in schemas[join.stream]] == []
    declared = [path.replace("[]", "").split(".")[:2] for path in BY_COLUMN]
    assert [name for name in declared if name[1] not in schemas[name[0]]] == []
    assert set(BY_NAME) <= {name for columns in schemas.values() for name in columns}
