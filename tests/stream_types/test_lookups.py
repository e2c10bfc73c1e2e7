"""Streams that look up what others mention: in which batches, in which form, and how long an answer holds."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from email.message import Message
from typing import Any, cast

import pytest

from linkedin_sandbox import Sandbox
from linkedin_sandbox.errors import Refusal, invalid
from linkedin_sandbox.query import Value, read_query
from tap_linkedin_dma.api.errors import IncompleteRun
from tests.support.logs import warnings
from tests.support.plain import PlainLinkedIn, read, urn_of
from tests.support.runs import Run, cut, make_tap, run

PEOPLE = {"comments", "people"}
ORGANIZATIONS = {"comments", "organization_lookup"}
OTHER = "urn:li:organization:98765"

Give = Callable[[list[Value]], dict[str, Any]]


class Directory(PlainLinkedIn):
    """People, and other resources that are asked by `ids`, by functions from the ids to the answer's body."""

    def __init__(self) -> None:
        super().__init__()
        self.give: dict[str, Give] = {"dmaPeople": by_record}
        self.post = self.add_post(urn_of(days=1))

    def name(self, *urns: str) -> None:
        """Let each of these write a comment on the one post."""
        for urn, comment in zip(urns, self.add_comments(self.post, len(urns)), strict=True):
            self.entities["dmaComments"][comment] = {"id": 1, "created": {"actor": urn}}

    def name_people(self, *names: str) -> None:
        self.name(*(f"urn:li:person:{name}" for name in names))

    def batches(self, resource: str = "dmaPeople") -> list[list[Value]]:
        """The ids of each request, in order."""
        return [cast("list[Value]", read_query(request.asked)["ids"]) for request in self.requests_to(resource)]

    def respond(self, method: str, path: str, query: str, body: bytes, headers: Message) -> dict[str, Any]:
        give = self.give.get(path.rpartition("/")[2])
        if give is None:
            return super().respond(method, path, query, body, headers)
        ids = read_query(query)["ids"]
        assert isinstance(ids, list)
        return give(ids)


def by_record(ids: list[Value]) -> dict[str, Any]:
    """The form that LinkedIn takes outside of DMA, and its keys."""
    return {"results": {f"(id:{_inner(id_)})": {"localizedFirstName": "Ann"} for id_ in ids}}


def by_id(ids: list[Value]) -> dict[str, Any]:
    """Bare ids alone."""
    if not all(isinstance(id_, str) for id_ in ids):
        raise invalid("ids", "expected a number")
    return {"results": {str(id_): {"localizedFirstName": "Ann"} for id_ in ids}}


def without_answer(status: int | None, *unanswered: str) -> Give:
    """All but these people or organizations, of whom there is only a status; the others as people."""

    def give(ids: list[Value]) -> dict[str, Any]:
        keys = [id_ if isinstance(id_, str) else f"(id:{_inner(id_)})" for id_ in ids]
        statuses = {key: status for key in keys if key in unanswered and status}
        return {"results": {key: {} for key in keys if key not in unanswered}, "statuses": statuses}

    return give


def refusing(odd: set[str], status: int) -> Give:
    """All but these people, who have the whole of a batch refused."""

    def give(ids: list[Value]) -> dict[str, Any]:
        if odd.intersection(map(_inner, ids)):
            raise Refusal(status, "Invalid value for parameter ids" if status == 400 else "No")
        return by_record(ids)

    return give


def fail(_: list[Value]) -> dict[str, Any]:
    raise Refusal(500, "Internal Server Error")


def numbered(count: int) -> list[str]:
    """The names of so many people."""
    return [f"p{number:03}" for number in range(count)]


def _inner(id_: Value) -> str:
    if not isinstance(id_, Mapping) or set(id_) != {"id"}:
        raise invalid("ids", "expected (id:…)")
    return str(id_["id"])


@pytest.fixture
def linkedin() -> Any:
    """People to be looked up, served."""
    with Directory() as serving:
        yield serving


def test_each_urn_is_asked_for_once_in_full_batches(linkedin: Directory) -> None:
    """Fifty at a time, however often and wherever a record names it."""
    linkedin.name_people(*numbered(70), *numbered(50))
    result = read(linkedin, PEOPLE)
    assert [len(batch) for batch in linkedin.batches()] == [50, 20]
    assert result.values("people", "id") == numbered(70)
    assert result.values("people", "person") == [f"urn:li:person:{name}" for name in numbered(70)]


def test_nothing_mentioned_asks_for_nothing(linkedin: Directory) -> None:
    """`ids=List()` is refused."""
    assert read(linkedin, PEOPLE).records["people"] == []
    assert linkedin.batches() == []


def test_an_answer_holds_for_the_days_of_the_setting(linkedin: Directory) -> None:
    """Another run asks for the new ones alone; when the days are over, for all again."""
    linkedin.name_people("a", "b")
    state = read(linkedin, PEOPLE, lookup_refresh_days=2).state
    linkedin.name_people("c")
    linkedin.clear()
    state = read(linkedin, PEOPLE, state, lookup_refresh_days=2).state
    assert linkedin.batches() == [[{"id": "c"}]]
    linkedin.name_people("d")
    linkedin.clear()
    linkedin.world.now += timedelta(days=2)
    read(linkedin, PEOPLE, state, lookup_refresh_days=2)
    assert linkedin.batches() == [[{"id": name} for name in "abcd"]]


def test_no_days_hold_nothing(linkedin: Directory) -> None:
    """Each run asks for what it mentions."""
    linkedin.name_people("a")
    state = read(linkedin, PEOPLE, lookup_refresh_days=0).state
    linkedin.name_people("b")
    read(linkedin, PEOPLE, state, lookup_refresh_days=0)
    assert linkedin.batches()[1:] == [[{"id": "a"}, {"id": "b"}]]


def test_the_state_is_small_and_names_no_one(linkedin: Directory) -> None:
    """Less than five characters a person."""
    linkedin.name_people(*(f"invented-{number:04}" for number in range(3000)))
    run = read(linkedin, PEOPLE)
    assert len(run.records["people"]) == 3000
    kept = json.dumps(run.state["bookmarks"]["people"])
    assert "invented" not in kept
    assert len(kept) < 15_000


def test_a_form_that_is_refused_gives_way_to_the_next_for_the_rest_of_the_run(
    linkedin: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    """Which is logged once."""
    caplog.set_level("INFO")
    linkedin.give["dmaPeople"] = by_id
    linkedin.name_people(*numbered(70))
    assert len(read(linkedin, PEOPLE, max_concurrency=4).records["people"]) == 70
    assert [isinstance(batch[0], str) for batch in linkedin.batches()] == [False, True, True]
    assert sum("refuses the parameter ids" in record.getMessage() for record in caplog.records) == 1


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize(("odd", "people"), [(range(3), 16), (range(50), 120), ([7], 120)])
def test_ids_that_have_their_batches_refused_cost_no_other_its_row(
    linkedin: Directory, caplog: pytest.LogCaptureFixture, status: int, odd: Sequence[int], people: int
) -> None:
    """Not even if the first batch is nothing else; the log counts them."""
    caplog.set_level("INFO")
    linkedin.give["dmaPeople"] = refusing({f"p{number:03}" for number in odd}, status)
    linkedin.name_people(*numbered(people))
    read_ids = read(linkedin, PEOPLE).values("people", "id")
    assert read_ids == [f"p{number:03}" for number in range(people) if number not in odd]
    told = "LinkedIn gave no answer about {}" if status == 400 else "{} of dmaPeople"
    assert told.format(len(odd)) in caplog.text


@pytest.mark.parametrize(("status", "says"), [(403, "refused dmaPeople (403"), (404, "has nothing at dmaPeople (404")])
def test_a_refusal_of_everything_costs_few_calls_and_one_warning_and_holds_for_no_day(
    linkedin: Directory, caplog: pytest.LogCaptureFixture, status: int, says: str
) -> None:
    """The streams beside go on, and the permission may be there on the next run."""
    linkedin.give["dmaPeople"] = refusing({*numbered(200)}, status)
    linkedin.name_people(*numbered(200))
    result = read(linkedin, PEOPLE)
    assert len(result.records["comments"]) == 200
    assert len(linkedin.batches()) < 20
    (told,) = [*warnings(caplog, "people"), *warnings(caplog, "dmaPeople")]
    assert told.startswith(f"people: skipped. LinkedIn {says}")
    assert "answered" not in result.state["bookmarks"].get("people", {})


def test_a_few_refusals_say_why_and_do_not_end_a_lookup(linkedin: Directory, caplog: pytest.LogCaptureFixture) -> None:
    """Those who are named later may be shown."""
    linkedin.give["dmaPeople"] = refusing({*numbered(5)}, 403)
    linkedin.name_people(*numbered(5))
    tap, writer = make_tap(linkedin, select=PEOPLE, organizations=[linkedin.organization])
    tap.sync_all()
    (told,) = [*warnings(caplog, "people"), *warnings(caplog, "dmaPeople")]
    assert told.startswith("people: skipped what was named so far. LinkedIn refused dmaPeople (403).")
    tap.run_context.run.referenced_urns.observe("comments", {"actor": "urn:li:person:shown"})
    tap.run_context.run.look_up()
    assert Run(writer.messages).values("people", "id") == ["shown"]


@pytest.mark.parametrize(("status", "asked_again"), [(403, False), (404, False), (None, True)])
def test_a_definite_no_is_an_answer_and_silence_is_none(
    linkedin: Directory, status: int | None, asked_again: bool
) -> None:
    """A person who did not agree to be shown is not asked for on every run; silence may be a fault, so once more."""
    linkedin.give["dmaPeople"] = without_answer(status, "(id:hidden)")
    linkedin.name_people("hidden", "shown")
    run = read(linkedin, PEOPLE)
    assert run.values("people", "id") == ["shown"]
    linkedin.name_people("hidden")
    linkedin.clear()
    read(linkedin, PEOPLE, run.state)
    assert linkedin.batches() == ([[{"id": "hidden"}]] if asked_again else [])


def test_members_who_were_left_out_of_an_answer_may_be_left_out_of_a_whole_one(linkedin: Directory) -> None:
    """On a later run they may be all that are named: that LinkedIn says nothing then is neither a fault nor a skip."""
    hidden = [f"(id:{name})" for name in ("coy", "shy", "new")]
    linkedin.give["dmaPeople"] = without_answer(None, *hidden)
    linkedin.name_people("coy", "shy", "shown")
    first = read(linkedin, PEOPLE)
    linkedin.name_people("coy", "shy")
    linkedin.clear()
    second = read(linkedin, PEOPLE, first.state)
    assert [len(batch) for batch in linkedin.batches()] == [2]
    # Of somebody who is new it may be a fault.
    linkedin.name_people("coy", "shy", "new")
    linkedin.clear()
    third = read(linkedin, PEOPLE, second.state)
    assert [len(batch) for batch in linkedin.batches()] == [3] * 4
    assert [*first.skips, *second.skips, *third.skips] == []
    linkedin.clear()
    linkedin.give["dmaPeople"] = by_record
    linkedin.name_people("coy", "shy", "new")
    assert sorted(read(linkedin, PEOPLE, third.state).values("people", "id")) == ["coy", "new", "shy"]


def test_what_linkedin_says_nothing_of_on_three_runs_is_left_out(linkedin: Directory) -> None:
    """The first two ask again; later runs report it no more."""
    linkedin.give["dmaPeople"] = without_answer(None, "(id:coy)", "(id:shy)")
    linkedin.give["dmaOrganizationLookup"] = without_answer(None, "98765", "98766")
    select = {"comments", "people", "organization_lookup"}
    names = ["urn:li:person:coy", "urn:li:person:shy", OTHER, "urn:li:organization:98766"]
    state: dict[str, Any] = {}
    reported = []
    for _ in range(5):
        linkedin.name(*names)
        result = read(linkedin, select, state)
        state = result.state
        reported.append(sorted({skip.partition(",")[0] for skip in result.skips}))
    assert reported == [["organization_lookup", "people"]] * 3 + [[]] * 2


def test_a_status_that_passes_is_no_answer_about_a_person(linkedin: Directory) -> None:
    """Asked for again in the run, then told of as left out; another run that meets the person asks again."""
    linkedin.give["dmaPeople"] = without_answer(503, "(id:ill)")
    linkedin.name_people("ill", "shown")
    first = read(linkedin, PEOPLE)
    (skip,) = first.skips
    assert linkedin.batches() == [[{"id": "ill"}, {"id": "shown"}], *[[{"id": "ill"}]] * 3]
    assert skip.startswith("people, 1 of those named: LinkedIn gave no answer about them (503: 1)")
    linkedin.give["dmaPeople"] = by_record
    linkedin.clear()
    second = read(linkedin, PEOPLE, first.state)
    assert second.values("people", "id") == ["ill"]
    # The comments that name the person are listed again, once.
    linkedin.clear()
    assert read(linkedin, PEOPLE, second.state).records["comments"] == []


def test_members_without_an_answer_are_named_again_on_two_runs(linkedin: Directory) -> None:
    """Then the records that name them leave no more; the state says nothing of who they are."""
    linkedin.give["dmaPeople"] = without_answer(500, "(id:ill)")
    linkedin.name_people("ill")
    state: dict[str, Any] = {}
    named = []
    for _ in range(4):
        result = read(linkedin, PEOPLE, state)
        state = result.state
        named.append(len(result.records["comments"]))
        assert "ill" not in json.dumps(state)
    assert named == [1, 1, 1, 0]


def test_members_whom_a_table_that_is_read_on_does_not_name_again_are_still_owed(linkedin: Directory) -> None:
    """A cut run had read the table to its end: the next says who is lacking, and the one after reads the person."""
    select = {"followers", "people", "comments"}
    linkedin.give["dmaPeople"] = without_answer(500, "(id:ill)")
    linkedin.page_size = 1
    linkedin.listing("followee", linkedin.page).extend({"follower": f"urn:li:person:{who}"} for who in ("ill", "shown"))
    linkedin.answer("dmaFeedContentsExternal", status=500, times=None)
    first = cut(linkedin, select=select, organizations=[linkedin.organization])
    linkedin.clear_answers()
    linkedin.give["dmaPeople"] = by_record
    second = read(linkedin, select, first.state)
    assert second.records["followers"] == second.records["people"] == []
    (skip,) = second.skips
    assert skip.startswith("people, some of those named: LinkedIn gave no answer about them on an earlier run")
    third = read(linkedin, select, second.state)
    assert third.values("people", "id") == ["ill"]
    assert third.skips == []


def test_others_without_an_answer_are_kept_by_their_urn_for_three_runs(linkedin: Directory) -> None:
    """Nothing that names them has to be read again; what LinkedIn leaves out of an answer is owed no more."""

    def owed(result: Run) -> object:
        return result.state["bookmarks"]["organization_lookup"].get("owed")

    linkedin.give["dmaOrganizationLookup"] = without_answer(503, "98765")
    linkedin.name(OTHER)
    first = read(linkedin, ORGANIZATIONS)
    assert owed(first) == {OTHER: 1}
    linkedin.give["dmaOrganizationLookup"] = by_id
    linkedin.clear()
    second = read(linkedin, ORGANIZATIONS, first.state)
    assert second.values("organization_lookup", "id") == [98765]
    assert second.records["comments"] == []
    assert owed(second) is None
    linkedin.give["dmaOrganizationLookup"] = without_answer(None, "98765")
    assert owed(read(linkedin, ORGANIZATIONS, first.state)) is None
    linkedin.give["dmaOrganizationLookup"] = without_answer(503, "98765")
    again = read(linkedin, ORGANIZATIONS, first.state)
    assert owed(again) == {OTHER: 2}
    assert owed(read(linkedin, ORGANIZATIONS, again.state)) is None


@pytest.mark.parametrize(
    ("lookup", "resource", "urn", "give"),
    [
        ("organization_lookup", "dmaOrganizationLookup", OTHER, without_answer(503, "98765")),
        ("ingested_content_summaries", "dmaIngestedContentSummaries", "urn:li:article:98765", fail),
    ],
)
def test_what_is_owed_and_named_again_is_asked_for_once_and_counts_one_run(
    linkedin: Directory, lookup: str, resource: str, urn: str, give: Give
) -> None:
    """It is let go after three runs without an answer, not after three times that it was named."""
    linkedin.give[resource] = give
    state: dict[str, Any] = {}
    for runs in (1, 2):
        linkedin.name(urn)
        state = read(linkedin, {"comments", lookup}, state).state
        assert state["bookmarks"][lookup]["owed"] == {urn: runs}
    assert {len(ids) for ids in linkedin.batches(resource)} == {1}
    linkedin.give[resource] = lambda ids: {"results": {str(id_): {} for id_ in ids}}
    assert len(read(linkedin, {"comments", lookup}, state).records[lookup]) == 1


def test_own_organizations_are_not_looked_up_though_their_stream_fails(sandbox: Sandbox) -> None:
    """The next run knows which they are; on the third in a row all that was named is looked up, or it would be lost."""
    select = {"organizations", "organization_authorizations", "organization_lookup"}
    whole = run(sandbox, select=select).values("organization_lookup", "organization")
    own = {organization.urn for organization in sandbox.world.truth.organizations}
    assert whole
    sandbox.clear()
    sandbox.answer("dmaOrganizationAcls", status=503, times=None)
    state: dict[str, Any] = {}
    for runs in (1, 2, 3):
        assert not sandbox.requests_to("dmaOrganizationLookup")
        failed = cut(sandbox, state, select, by=IncompleteRun, match="organizations")
        state = state if runs == 3 else failed.state
    assert {*failed.values("organization_lookup", "organization")} == {*whole, *own}
    assert {*state["bookmarks"]["organization_lookup"]["owed"].values()} == {2}
    sandbox.clear_answers()
    assert run(sandbox, state, select).values("organization_lookup", "organization") == whole


def test_invented_people_cost_few_calls(linkedin: Directory) -> None:
    """Ids that cannot be LinkedIn's are not asked for, and those that are refused not without end."""

    def give(ids: list[Value]) -> dict[str, Any]:
        if any(len(_inner(id_)) != 10 for id_ in ids):
            raise Refusal(400, "Invalid value for parameter ids")
        return by_record(ids)

    linkedin.give["dmaPeople"] = give
    linkedin.name_people(*(f"real-{number:05}" for number in range(40)))
    invented = [f"urn:li:person:x{number}{'.~'[number % 2 :]}" for number in range(2400)]
    texts = [" ".join(invented[start : start + 100]) for start in range(0, len(invented), 100)]
    for text, urn in zip(texts, linkedin.add_comments(linkedin.post, len(texts)), strict=True):
        linkedin.entities["dmaComments"][urn] = {"id": 1, "commentary": {"text": text}}
    read(linkedin, PEOPLE)
    assert len(linkedin.batches()) < 150


def test_an_inferred_lookup_that_fails_for_good_is_left_out(linkedin: Directory) -> None:
    """Nobody has documented it: the run goes on, and its bookmarks move."""
    linkedin.give["dmaContentPublicUrl"] = fail
    linkedin.add_post(urn_of(days=2), reshareContext={"root": urn_of(days=90, number=5)})
    result = read(linkedin, {"posts", "content_public_urls"})
    (skip,) = result.skips
    assert skip.startswith("content_public_urls: LinkedIn failed on dmaContentPublicUrl (500).")
    assert result.state_of("posts", linkedin.organization)["replication_key_value"]


def test_a_lookup_that_is_selected_later_says_what_it_lacks(linkedin: Directory) -> None:
    """Once: the records that were read before do not leave again, so nothing names what they named."""
    linkedin.name_people("a", "b")
    state = read(linkedin, {"comments"}).state
    linkedin.name_people("c")
    said = []
    for _ in range(2):
        result = read(linkedin, PEOPLE, state)
        state = result.state
        said.append([skip for skip in result.skips if skip.startswith("people")])
    assert [len(skips) for skips in said] == [1, 0]
    assert "The stream was not selected then. To have all looked up, run once without the state" in said[0][0]


@pytest.mark.parametrize("beside", [{"organizations", "my_organization_acls"}, set()])
def test_own_organizations_are_not_looked_up(linkedin: Directory, beside: set[str]) -> None:
    """Only others', by their bare number; though their stream is not selected, every record of theirs names them."""
    linkedin.give["dmaOrganizationLookup"] = by_id
    linkedin.name(OTHER)
    (row,) = read(linkedin, ORGANIZATIONS | beside).records["organization_lookup"]
    assert (row["id"], row["organization"]) == (98765, OTHER)
    assert linkedin.batches("dmaOrganizationLookup") == [["98765"]]


@pytest.mark.parametrize("walking", ["posts", "social_metadata"])
def test_own_posts_that_do_not_leave_are_known_too(linkedin: Directory, walking: str) -> None:
    """On the second run, or where posts are not selected; one that is listed and withheld is looked up."""
    linkedin.give["dmaContentPublicUrl"] = by_id
    withheld = linkedin.add_post(urn_of(days=3, number=7))
    posts = {linkedin.post: linkedin.entities["dmaPosts"][linkedin.post]}
    linkedin.give["dmaPosts"] = lambda _: {"results": posts, "statuses": {withheld: 403}}
    select = {walking, "instant_reposts", "content_public_urls"}
    state = read(linkedin, select).state
    linkedin.clear()
    options = {"finder": "repostsByReposter", "about": linkedin.organization}
    for original in (linkedin.post, withheld):
        linkedin.add_instant_reposts(original, 0.5, **options)
    second = read(linkedin, select, state, lookup_refresh_days=0)
    assert second.values("instant_reposts", "reposted_content") == [linkedin.post, withheld]
    assert linkedin.batches("dmaContentPublicUrl") == [[withheld]]


def test_own_posts_have_no_public_url_to_look_up(linkedin: Directory) -> None:
    """Others' have: those reshared, those referred to, those that the listing names and BATCH_GET withholds."""
    linkedin.give["dmaContentPublicUrl"] = by_id
    own, foreign, withheld = linkedin.post, urn_of(days=90, number=5), urn_of(days=3, number=7)
    linkedin.add_post(urn_of(days=2), reshareContext={"parent": own, "root": foreign})
    linkedin.add_post(urn_of(days=4), content={"reference": {"id": "urn:li:article:77"}})
    linkedin.listing("postsByAuthor", linkedin.organization).append({"id": withheld})
    posts = linkedin.entities["dmaPosts"]
    linkedin.give["dmaPosts"] = lambda _: {"results": posts, "statuses": {withheld: 403}}
    run = read(linkedin, {"posts", "content_public_urls"})
    assert run.values("content_public_urls", "urn") == sorted(["urn:li:article:77", foreign, withheld])
