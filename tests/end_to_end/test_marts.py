"""All streams arrive in every target as they left, and the marts make of them what the sandbox's world holds."""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, cast

import pendulum
import pytest
from click.testing import CliRunner

from generate import marts
from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.commands.warehouse.erase import erase
from tap_linkedin_dma.streams import STREAMS
from tests.end_to_end.targets import load
from tests.end_to_end.warehouses import MARTS, Row, Warehouse, duck, postgres
from tests.support.batches import batch_config
from tests.support.runs import run
from tests.support.tables import Tables

pytestmark = pytest.mark.timeout(1200)

RUNS = 2
ALL = {stream.name for stream in STREAMS}


@dataclass
class Truth:
    """What the world holds when a run begins."""

    posts: set[str]
    comments: Counter[str]
    reactions: Counter[str]
    leads: set[str]

    @classmethod
    def now(cls, world: World) -> Truth:
        truth = world.truth
        return cls(
            posts=set(truth.posts),
            comments=Counter(comment.post.urn for comment in truth.all_comments),
            reactions=Counter(reaction.post.urn for reaction in truth.reactions),
            leads={lead for leads in truth.leads.values() for lead in leads},
        )


@dataclass
class Story:
    """Two runs with a day between them: the messages of each, and what the world held.

    `in_files` has BATCH messages for most rows, `messages` a RECORD message for each row.
    """

    messages: list[Path]
    in_files: list[Path]
    truth: list[Truth]

    def rows(self, runs: int, *, activates: bool) -> dict[str, dict[str, Row]]:
        """The rows of each stream by key, after so many runs, in a target that acts on ACTIVATE_VERSION or does not."""
        tables = Tables()
        for file in self.messages[:runs]:
            for line in file.read_text().splitlines():
                message = json.loads(line)
                if activates or message["type"] != "ACTIVATE_VERSION":
                    tables.take(message)
        return {stream: {key: row for key, (_, row) in rows.items()} for stream, rows in tables.rows.items()}


@pytest.fixture(scope="module")
def story(tmp_path_factory: pytest.TempPathFactory) -> Story:
    """All streams of a small world."""
    folder, state = tmp_path_factory.mktemp("messages"), None
    files, in_files, truth = [], [], []
    with Sandbox(World(posts=20, followers=40)) as sandbox:
        for number in range(RUNS):
            if number:
                sandbox.tick()
            truth.append(Truth.now(sandbox.world))
            # A run removes the files of the one before, and here both are loaded later.
            batches = batch_config(folder / f"batches-{number}", rows=100)
            config = {"member_access_token": sandbox.member_token, "sensitive_domains": True, "batch_config": batches}
            result = run(sandbox, state, ALL, **config)
            state = result.state
            files.append(folder / f"{number}.jsonl")
            files[-1].write_text("".join(f"{json.dumps(message)}\n" for message in result.messages))
            in_files.append(folder / f"{number}-in-files.jsonl")
            in_files[-1].write_text(result.lines)
    return Story(files, in_files, truth)


@dataclass
class Loaded:
    """A warehouse after all runs, with marts, and the loaded rows as they were after each run."""

    warehouse: Warehouse
    rows: list[dict[str, list[Row]]]

    def query(self, statement: str) -> list[Row]:
        return self.warehouse.query(statement)

    def value(self, statement: str) -> Any:
        """The one value of a query."""
        (row,) = self.query(statement)
        (value,) = row.values()
        return value


_DUCK = pytest.param(
    duck,
    marks=pytest.mark.skipif(sys.version_info >= (3, 14), reason="the DuckDB that target-duckdb needs has no wheels"),
)


WORST_CACHE = """
from dbt.adapters.cache import RelationsCache
contains = RelationsCache.__contains__
RelationsCache.__contains__ = lambda cache, schema: schema[1] in ("linkedin", "main") or contains(cache, schema)
"""
"""dbt's cache as one thread leaves it to the others: the loaded schema counts as known before its tables are in it."""


@pytest.fixture(scope="module", params=[postgres, _DUCK])
def loaded(request: pytest.FixtureRequest, story: Story, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    (cache := tmp_path_factory.mktemp("cache")).joinpath("sitecustomize.py").write_text(WORST_CACHE)
    with request.param(tmp_path_factory.mktemp("warehouse")) as warehouse:
        rows = []
        # Only target-postgres reads files.
        for number, messages in enumerate(story.in_files if warehouse.dialect == "postgres" else story.messages, 1):
            warehouse.load(messages)
            rows.append({stream: warehouse.rows(stream) for stream in ALL})
            warehouse.build(tested=number == RUNS, PYTHONPATH=str(cache))
        yield Loaded(warehouse, rows)


SCHEMAS: dict[str, dict[str, Any]] = {stream.name: stream.schema["properties"] for stream in STREAMS}


def comparable(stream: str, row: Row, empty: str | None = "") -> Row:
    """A row without the target's own columns, with its times in one form, and with this for an empty text."""
    columns = SCHEMAS[stream]
    values = {name: _value(row.get(name), columns[name]) for name in columns}
    return {name: empty if value == "" else value for name, value in values.items()}


def _value(value: Any, schema: Mapping[str, Any]) -> Any:
    if schema.get("format") == "date-time" and isinstance(value, str):
        return cast("datetime", pendulum.parse(value, tz="UTC")).timestamp()
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return Decimal(repr(value)).normalize()
    return value


def test_every_stream_arrives_as_it_left(loaded: Loaded, story: Story) -> None:
    """After the first run and after the second, row by row; target-postgres marks what LinkedIn no longer has."""
    activates = loaded.warehouse.dialect == "postgres"
    # target-duckdb loads by CSV, in which an empty text is a NULL.
    empty = "" if loaded.warehouse.dialect == "postgres" else None
    for number, tables in enumerate(loaded.rows):
        for stream, expected in story.rows(number + 1, activates=activates).items():
            rows = [row for row in tables[stream] if not row.get("_sdc_deleted_at")]
            arrived = sorted((comparable(stream, row) for row in rows), key=repr)
            left = sorted((comparable(stream, row, empty) for row in expected.values()), key=repr)
            assert arrived == left, stream
        assert {row["id"] for row in tables["posts"]} >= story.truth[number].posts
        assert {row["id"] for row in tables["lead_gen_form_responses"]} >= story.truth[number].leads


def test_every_stream_arrives_in_json_lines(story: Story, tmp_path: Path) -> None:
    """The last line of a key is its row."""
    rows: dict[str, dict[str, Row]] = {}
    keys: dict[str, Sequence[str]] = {stream.name: cast("Any", stream.primary_keys) for stream in STREAMS}
    for file in story.messages:
        load("target-jsonl", file, tmp_path, destination_path=str(tmp_path), do_timestamp_file=False)
    for stream in ALL:
        for line in (tmp_path / f"{stream}.jsonl").read_text().splitlines():
            row = json.loads(line)
            rows.setdefault(stream, {})[json.dumps([row[name] for name in keys[stream]])] = row
    assert rows == {stream: lines for stream, lines in story.rows(RUNS, activates=False).items() if lines}


# The marts


def test_the_marts_count_what_the_world_holds(loaded: Loaded, story: Story) -> None:
    """Comments and reactions of each post as LinkedIn counts them, and every lead once."""
    truth = story.truth[-1]
    posts = loaded.query("SELECT post, comments, reactions, counted_on FROM linkedin_dma__posts")
    assert {row["post"] for row in posts} == truth.posts
    newest = max(row["counted_on"] for row in posts if row["counted_on"])
    # Posts older than the engagement window are not counted any more.
    counted = {row["post"]: (row["comments"], row["reactions"]) for row in posts if row["counted_on"] == newest}
    assert len(counted) > len(posts) - 4
    assert counted == {post: (truth.comments[post], truth.reactions[post]) for post in counted}
    assert loaded.value("SELECT count(*) FROM linkedin_dma__comments") == truth.comments.total()
    assert loaded.value("SELECT count(DISTINCT lead) FROM linkedin_dma__lead_answers") == len(truth.leads)
    in_funnel = loaded.value("SELECT sum(leads) + sum(test_leads) FROM linkedin_dma__lead_funnel")
    assert in_funnel == loaded.value(
        "SELECT count(DISTINCT lead) FROM linkedin_dma__lead_answers WHERE form IS NOT NULL"
    )


FIGURES = [
    ("linkedin_dma__post_daily", "post_content_trend", "impressions"),
    ("linkedin_dma__post_daily", "post_content_trend", "clicks"),
    ("linkedin_dma__page_daily", "page_content_trend", "impressions"),
    ("linkedin_dma__page_daily", "follower_trend", "followers_gained"),
    ("linkedin_dma__followers", "follower_trend", "gained"),
    ("linkedin_dma__page_daily", "visitor_trend", "page_views"),
]
"""Columns of marts, and the streams that they are of."""


def test_sums_of_figures_are_those_that_linkedin_gave(loaded: Loaded, story: Story) -> None:
    """Day by day they are the same, and no rate is in them."""
    rows = story.rows(RUNS, activates=False)
    for mart, stream, metric in FIGURES:
        of_metric = [row for row in rows[stream].values() if row.get("type", metric.upper()) == metric.upper()]
        given = sum(row["total_count"] or 0 for row in of_metric)
        assert loaded.value(f"SELECT sum({metric}) FROM {mart}") == given > 0, (mart, metric)


def test_leads_have_the_wording_that_they_answered(loaded: Loaded, story: Story) -> None:
    """With the names of the options; a version from before the first run has that of the newest."""
    rows = story.rows(RUNS, activates=False)
    known = {(row["urn"], row["version_id"]) for row in rows["lead_gen_form_versions"].values()}
    leads = rows["lead_gen_form_responses"].values()
    answered = {lead["id"] for lead in leads if (lead["lead_gen_form"], lead["lead_gen_form_version"]) in known}
    found = loaded.query("SELECT DISTINCT lead FROM linkedin_dma__lead_answers WHERE is_wording_answered")
    assert {row["lead"] for row in found} == answered
    assert len(answered) < len(leads)
    assert not loaded.value(
        "SELECT count(*) FROM linkedin_dma__lead_answers WHERE question_id IS NOT NULL AND question IS NULL"
    )
    assert not loaded.value("SELECT count(*) FROM linkedin_dma__lead_answers WHERE answer SIMILAR TO '[0-9]+'")


def test_what_was_removed_is_in_one_mart_and_in_no_other(loaded: Loaded, story: Story) -> None:
    """Comments of which LinkedIn has the count lower; followers who left, where the target marks them."""
    removed = Counter(row["kind"] for row in loaded.query("SELECT kind FROM linkedin_dma__removed"))
    comments = {row["urn"] for row in loaded.rows[-1]["comments"]}
    assert removed["comment"] == len(comments) - story.truth[-1].comments.total() > 0
    marked = [row for row in loaded.rows[-1]["followers"] if row.get("_sdc_deleted_at")]
    assert removed["follower"] == len(marked)
    assert bool(marked) == (loaded.warehouse.dialect == "postgres")


def test_every_column_of_a_mart_is_described(loaded: Loaded) -> None:
    """And no other."""
    columns = loaded.warehouse.columns(MARTS)
    described = {model["name"]: {column["name"] for column in model["columns"]} for model in marts.models()}
    assert {name: columns[name] for name in columns if not name.startswith("stg_")} == {
        **described,
        "follower_totals": {"organization", "day", "total"},
    }
    assert all(column["description"] for model in marts.models() for column in model["columns"])


@pytest.mark.parametrize("question", marts.QUESTIONS, ids=lambda file: file.stem)
def test_a_question_is_one_query_on_one_mart(loaded: Loaded, question: Path) -> None:
    """It has an answer, unless only target-postgres marks what it asks about."""
    query = re.sub(r"^--.*\n", "", question.read_text(), flags=re.MULTILINE)
    assert len(re.findall(r"\b(?:from|join) +(?!day)\w+", query)) == 1
    needs_marks = question.stem == "11_followers_lost" and loaded.warehouse.dialect != "postgres"
    assert bool(loaded.query(query)) is not needs_marks


# What users do with them


def test_the_marts_are_built_where_little_or_nothing_was_loaded(tmp_path: Path) -> None:
    """Streams that are not selected, columns of another release, several schemas at once, and one that is not there."""
    with postgres(tmp_path) as warehouse:
        assert "The schema linkedin has no tables" in warehouse.build(tested=False)
        for schema in ("acme", "zenith"):
            warehouse.query(f"CREATE SCHEMA {schema}")
            warehouse.query(f"CREATE TABLE {schema}.posts (id text, organization text, published_at timestamp)")
            warehouse.query(f"INSERT INTO {schema}.posts VALUES ('urn:li:share:1', 'urn:li:organization:1', now())")
        printed = warehouse.build(LINKEDIN_DMA_SCHEMAS="acme, zenith, zenit")
        assert re.findall(r"The schema (\w+) has no tables", printed) == ["zenit"]
        posts = warehouse.query("SELECT loaded_schema, content_kind, comments FROM linkedin_dma__posts ORDER BY 1")
    assert [tuple(row.values()) for row in posts] == [("acme", "none", None), ("zenith", "none", None)]


def test_followers_are_counted_on_from_a_total_that_is_known(tmp_path: Path) -> None:
    """From the newest that was known, and back from the first."""
    with postgres(tmp_path) as warehouse:
        warehouse.query("CREATE SCHEMA linkedin")
        warehouse.query(
            "CREATE TABLE linkedin.follower_trend AS SELECT 'urn:li:organization:1' AS organization,"
            " 'DAY' AS granularity, day AS start, 1 AS total_count"
            " FROM generate_series(timestamp '2026-01-01', '2026-01-06', '1 day') AS day"
        )
        warehouse.query("CREATE TABLE linkedin.organizations AS SELECT 'urn:li:organization:1' AS organization")
        warehouse.build("--select", "+linkedin_dma__followers", tested=False)
        warehouse.query(
            "INSERT INTO follower_totals VALUES ('urn:li:organization:1', '2026-01-02', 100),"
            " ('urn:li:organization:1', '2026-01-04', 150)"
        )
        warehouse.build("--select", "linkedin_dma__followers")
        totals = [row["total"] for row in warehouse.query("SELECT total FROM linkedin_dma__followers ORDER BY day")]
    assert totals == [99, 100, 101, 150, 151, 152]


def test_an_erased_member_or_page_is_in_no_mart(loaded: Loaded) -> None:
    """A member at once, since persons are in views alone; a page when they are built again.

    It comes last: what it erases, the tests above need.
    """
    warehouse = loaded.warehouse
    # Of figures there are thousands of rows, which name no member.
    for figures in (name for name in ALL if re.search("trend|demographics|gestures", name)):
        warehouse.query(f"DELETE FROM {warehouse.schema}.{figures}")
    member = warehouse.query(
        "SELECT actor FROM linkedin_dma__engagers WHERE name IS NOT NULL AND NOT is_organization AND comments > 0"
        " ORDER BY reactions DESC, actor LIMIT 1"
    )[0]["actor"]

    def naming(who: str) -> set[str]:
        found = {mart: warehouse.rows(mart, MARTS) for mart in warehouse.columns(MARTS)}
        return {mart for mart, rows in found.items() if any(who in json.dumps(row) for row in rows)}

    def erased(*subject: str) -> None:
        arguments = [*subject, "--dialect", warehouse.dialect, "--schema", warehouse.schema]
        printed = CliRunner().invoke(erase, arguments)
        assert printed.exit_code == 0, printed.output
        warehouse.query(printed.output)

    before = naming(member)
    assert {"linkedin_dma__engagers", "linkedin_dma__comments"} <= before
    assert not before & warehouse.tables(MARTS)
    erased("--member", member)
    assert naming(member) == set()

    page = warehouse.query("SELECT max(organization) AS page FROM linkedin_dma__posts")[0]["page"]
    assert naming(page) & warehouse.tables(MARTS)
    erased("--organization", page)
    warehouse.build(tested=False)
    assert naming(page) == set()
