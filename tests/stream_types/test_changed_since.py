"""Listings without a filter by time: what has not changed since the last run does not leave again."""

from __future__ import annotations

from typing import Any

import pytest

from linkedin_sandbox import Sandbox
from tests.conftest import NOW
from tests.support.plain import DAY_MS, NOW_MS
from tests.support.runs import Run, cut, make_tap, run

KINDS = [
    ("lead_gen_forms", "dmaLeadGenForm", "id", "lastModified", "last_modified"),
    ("original_articles", "dmaOriginalArticles", "linkedInArticleUrn", "lastModifiedAt", "last_modified_at"),
]


class Kind:
    """One of the streams that are read so, over a listing that a test gives."""

    def __init__(self, sandbox: Sandbox, stream: str, resource: str, key: str, changed: str, bookmark: str) -> None:
        self.sandbox, self.stream, self.resource, self.bookmark = sandbox, stream, resource, bookmark
        self.organizations = [organization.urn for organization in sandbox.world.truth.organizations]
        self._key, self._changed = key, changed

    def lists(self, days: dict[int, float | None], when: str | None = None) -> None:
        """Have LinkedIn list these elements, each changed so many days ago; None for one that does not say."""
        elements = [
            {self._key: self.key(number), **({self._changed: NOW_MS - int(ago * DAY_MS)} if ago is not None else {})}
            for number, ago in days.items()
        ]
        self.sandbox.answer(self.resource, 200, body={"elements": elements}, when=when)

    def key(self, number: int) -> Any:
        return number if self._key == "id" else f"urn:li:linkedInArticle:{number}"

    def read(self, state: dict[str, Any] | None = None, **config: Any) -> Run:
        """One run over the company alone."""
        return run(self.sandbox, state, {self.stream}, **{"organizations": self.organizations[:1], **config})

    def left(self, result: Run) -> list[int]:
        """The numbers of what has left."""
        (key,) = result.schemas[self.stream][0]["key_properties"]
        return [int(str(value).rpartition(":")[2]) for value in result.values(self.stream, key)]

    def mark(self, result: Run, organization: int = 0) -> dict[str, Any]:
        """The bookmark that the state keeps."""
        state = result.state_of(self.stream, self.organizations[organization])
        return {name: value for name, value in state.items() if name.startswith("replication")}


@pytest.fixture(params=KINDS, ids=[name for name, *_ in KINDS])
def kind(sandbox: Sandbox, request: pytest.FixtureRequest) -> Kind:
    """Each of the streams in turn."""
    return Kind(sandbox, *request.param)


def ago(days: float) -> str:
    """A moment so many days ago, as the state keeps it."""
    moment = NOW_MS - int(days * DAY_MS)
    return f"{NOW.fromtimestamp(moment // 1000, NOW.tzinfo):%Y-%m-%dT%H:%M:%S}.000+00:00"


def test_all_leaves_at_first_and_the_newest_change_is_kept(kind: Kind) -> None:
    """Whatever the order of the listing."""
    kind.lists({1: 900, 2: 3, 3: None, 4: 40})
    result = kind.read()
    assert kind.left(result) == [1, 2, 3, 4]
    assert kind.mark(result) == {"replication_key": kind.bookmark, "replication_key_value": ago(3)}


def test_only_what_has_changed_leaves_again(kind: Kind) -> None:
    """What may have come late, within two days of the bookmark, and what does not say leave too."""
    kind.lists({1: 900, 2: 3, 3: None, 4: 40, 5: 5, 6: 5.01})
    state = kind.read().state
    kind.lists({1: 900, 2: 3, 3: None, 4: 1, 5: 5, 6: 5.01})
    result = kind.read(state)
    assert kind.left(result) == [2, 3, 4, 5]
    assert kind.mark(result)["replication_key_value"] == ago(1)


def test_an_article_that_is_listed_late_leaves(sandbox: Sandbox) -> None:
    """Whatever its time, once; what was listed before does not leave again."""
    articles = Kind(sandbox, *KINDS[1])
    state: dict[str, Any] = {}
    for listed, left in ([1, 2], [1, 2]), ([1, 2, 3], [2, 3]), ([1, 2, 3], [2]):
        articles.lists({number: {1: 900, 2: 3, 3: 8}[number] for number in listed})
        result = articles.read(state)
        assert articles.left(result) == left
        state = result.state


def test_full_table_reads_all_there_is(kind: Kind) -> None:
    """Where the catalog says so, whatever the state says."""
    kind.lists({1: 900, 2: 3})
    state = kind.read().state
    kind.lists({1: 900, 2: 3})
    tap, writer = make_tap(kind.sandbox, state, {kind.stream}, organizations=kind.organizations[:1])
    tap.streams[kind.stream].forced_replication_method = "FULL_TABLE"
    tap.sync_all()
    assert kind.left(Run(writer.messages)) == [1, 2]


def test_the_bookmark_never_goes_back(kind: Kind) -> None:
    """As where the newest was deleted since, or nothing is left that says when it was changed."""
    kind.lists({1: 3})
    state = kind.read().state
    listings: list[dict[int, float | None]] = [{2: 100}, {3: None}, {}]
    for listing in listings:
        kind.lists(listing)
        assert kind.mark(kind.read(state))["replication_key_value"] == ago(3)


def test_a_time_to_come_does_not_move_the_bookmark_beyond_the_run(kind: Kind) -> None:
    """Or all that changes until then would be held back."""
    kind.lists({1: -1000, 2: 3})
    assert kind.mark(kind.read())["replication_key_value"] == ago(0)


def test_without_a_single_time_there_is_no_bookmark(kind: Kind) -> None:
    """And all leaves again."""
    kind.lists({1: None})
    result = kind.read()
    assert kind.mark(result) == {}
    kind.lists({1: None})
    assert kind.left(kind.read(result.state)) == [1]


def test_the_bookmark_moves_when_the_listing_has_ended(kind: Kind) -> None:
    """A run that is cut on the second page reads it all again: the listing has no order of time."""
    kind.lists({number: number for number in range(1, 51)}, when="start=0")
    kind.sandbox.answer(kind.resource, 500, when="start=50", times=None)
    result = cut(kind.sandbox, None, {kind.stream}, match=kind.resource, organizations=kind.organizations[:1])
    assert kind.left(result) == list(range(1, 51))
    assert kind.mark(result) == {}


def test_each_organization_has_a_bookmark_of_its_own(kind: Kind) -> None:
    """One that is refused has none."""
    company, showcase = (urn.replace(":", "%3A") for urn in kind.organizations)
    kind.lists({1: 3}, when=company)
    kind.sandbox.answer(kind.resource, 403, when=showcase)
    first = kind.read(organizations=[])
    assert (kind.mark(first)["replication_key_value"], kind.mark(first, 1)) == (ago(3), {})
    kind.lists({1: 30}, when=company)
    kind.lists({2: 30}, when=showcase)
    second = kind.read(first.state, organizations=[])
    assert kind.left(second) == [2]
    assert [kind.mark(second, place)["replication_key_value"] for place in (0, 1)] == [ago(3), ago(30)]
