"""Streams that look up what others mention: in which batches, in which form, and how long an answer holds."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from email.message import Message
from typing import Any, cast

import pytest

from linkedin_sandbox import Sandbox
from linkedin_sandbox.errors import Refusal, invalid
from linkedin_sandbox.query import Value, read_query
from tap_linkedin_dma.api.errors import IncompleteRun
from tests.support.plain import PlainLinkedIn, read, urn_of
from tests.support.runs import Run, make_tap, run

PEOPLE = {"comments", "people"}

Give = Callable[[list[Value]], dict[str, Any]]


class Directory(PlainLinkedIn):
    """People, and other resources that are asked by `ids`, by functions from the ids to the answer's body."""

    def __init__(self) -> None:
        super().__init__()
        self.give: dict[str, Give] = {"dmaPeople": by_record}
        self.post = self.add_post(urn_of(days=1))

    def name_people(self, *names: str) -> None:
        """Let each of these write a comment on the one post."""
        for name, urn in zip(names, self.add_comments(self.post, len(names)), strict=True):
            self.entities["dmaComments"][urn] = {"id": 1, "created": {"actor": f"urn:li:person:{name}"}}

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


def deny(ids: list[Value]) -> dict[str, Any]:
    """Nothing to anyone."""
    raise Refusal(403, f"Not enough permissions to read {len(ids)} people", code="ACCESS_DENIED")


def _inner(id_: Value) -> str:
    if not isinstance(id_, Mapping) or set(id_) != {"id"}:
        raise invalid("ids", "expected (id:…)")
    return str(id_["id"])


@pytest.fixture
def linkedin() -> Any:
    """People to be looked up, served."""
    with Directory() as serving:
        yield serving


def warnings(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def test_each_urn_is_asked_for_once_in_full_batches(linkedin: Directory) -> None:
    """Fifty at a time, however often and wherever a record names it."""
    linkedin.name_people(*(f"p{number % 70:02}" for number in range(120)))
    people = read(linkedin, PEOPLE).records["people"]
    assert [len(batch) for batch in linkedin.batches()] == [50, 20]
    assert [person["id"] for person in people] == [f"p{number:02}" for number in range(70)]
    assert {person["person"] for person in people} == {f"urn:li:person:p{number:02}" for number in range(70)}


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
    later = linkedin.world.now.replace(day=linkedin.world.now.day + 2)
    linkedin.world.now = later
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
    linkedin.name_people(*(f"p{number:02}" for number in range(70)))
    assert len(read(linkedin, PEOPLE, max_concurrency=4).records["people"]) == 70
    assert [isinstance(batch[0], str) for batch in linkedin.batches()] == [False, True, True]
    assert sum("refuses the parameter ids" in record.getMessage() for record in caplog.records) == 1


def test_an_id_that_has_its_whole_batch_refused_is_left_out_alone(
    linkedin: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    """By halves; the others are read."""

    def give(ids: list[Value]) -> dict[str, Any]:
        if {"id": "bad"} in ids:
            raise Refusal(403, "Activity's verb type is not allowed from the ActivityFilter", code="ACCESS_DENIED")
        return by_record(ids)

    caplog.set_level("INFO")
    linkedin.give["dmaPeople"] = give
    linkedin.name_people("bad", *(f"p{number:02}" for number in range(49)))
    people = read(linkedin, PEOPLE).records["people"]
    assert [person["id"] for person in people] == [f"p{number:02}" for number in range(49)]
    assert "1 of dmaPeople" in caplog.text


def test_a_refusal_of_everything_costs_few_calls_and_holds_for_no_day(
    linkedin: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    """The permission may be there on the next run."""
    linkedin.give["dmaPeople"] = deny
    linkedin.name_people(*(f"p{number:03}" for number in range(200)))
    state = read(linkedin, PEOPLE).state
    assert len(linkedin.batches()) < 20
    assert any("people: skipped" in warning for warning in warnings(caplog))
    assert "answered" not in state["bookmarks"].get("people", {})


def refusing(odd: set[str], status: int) -> Give:
    """All but these people, who have the whole of a batch refused."""

    def give(ids: list[Value]) -> dict[str, Any]:
        if odd.intersection(map(_inner, ids)):
            raise Refusal(status, "Invalid value for parameter ids" if status == 400 else "No")
        return by_record(ids)

    return give


@pytest.mark.parametrize("status", [400, 403, 404])
@pytest.mark.parametrize(("odd", "people"), [(range(3), 16), (range(50), 120), ([7], 120)])
def test_ids_that_have_their_batches_refused_cost_no_other_its_row(
    linkedin: Directory, status: int, odd: Sequence[int], people: int
) -> None:
    """Not even where the first batch is nothing else."""
    linkedin.give["dmaPeople"] = refusing({f"p{number:03}" for number in odd}, status)
    linkedin.name_people(*(f"p{number:03}" for number in range(people)))
    read_ids = read(linkedin, PEOPLE).values("people", "id")
    assert read_ids == [f"p{number:03}" for number in range(people) if number not in odd]


def test_a_resource_that_is_not_there_costs_few_calls_and_one_warning(
    linkedin: Directory, caplog: pytest.LogCaptureFixture
) -> None:
    """The streams beside go on."""
    linkedin.give["dmaPeople"] = refusing({f"p{number:03}" for number in range(200)}, 404)
    linkedin.name_people(*(f"p{number:03}" for number in range(200)))
    result = read(linkedin, PEOPLE)
    assert len(result.records["comments"]) == 200
    assert len(linkedin.batches()) < 20
    told = [warning for warning in warnings(caplog) if warning.startswith(("people", "dmaPeople"))]
    assert [warning.partition("): ")[0] for warning in told] == [
        "people: skipped. LinkedIn has nothing at dmaPeople (404"
    ]


def test_a_few_refusals_say_why_and_do_not_end_a_lookup(linkedin: Directory, caplog: pytest.LogCaptureFixture) -> None:
    """Those who are named later may be shown."""
    linkedin.give["dmaPeople"] = refusing({f"p{number}" for number in range(5)}, 403)
    linkedin.name_people(*(f"p{number}" for number in range(5)))
    tap, writer = make_tap(linkedin, select=PEOPLE, organizations=[linkedin.organization])
    tap.sync_all()
    (told,) = [warning for warning in warnings(caplog) if warning.startswith(("people", "dmaPeople"))]
    assert told.startswith("people: skipped what was named so far. LinkedIn refused dmaPeople (403).")
    tap.run_context.run.referenced_urns.observe("comments", {"actor": "urn:li:person:shown"})
    tap.run_context.run.look_up()
    assert Run(writer.messages).values("people", "id") == ["shown"]


@pytest.mark.parametrize(("status", "asked_again"), [(403, False), (404, False), (None, True)])
def test_a_definite_no_is_an_answer_and_silence_is_none(
    linkedin: Directory, status: int | None, asked_again: bool
) -> None:
    """A person who did not agree to be shown is not asked for on every run; silence may be a fault, so it is."""
    said = {} if status is None else {"(id:hidden)": status}
    linkedin.give["dmaPeople"] = lambda ids: {
        "results": {f"(id:{_inner(id_)})": {} for id_ in ids if id_ != {"id": "hidden"}},
        "statuses": said,
    }
    linkedin.name_people("hidden", "shown")
    run = read(linkedin, PEOPLE)
    assert run.values("people", "id") == ["shown"]
    linkedin.name_people("hidden")
    linkedin.clear()
    read(linkedin, PEOPLE, run.state)
    assert linkedin.batches() == ([[{"id": "hidden"}]] * 4 if asked_again else [])


@pytest.mark.parametrize("status", [408, 429, 500, 503])
def test_a_status_that_passes_is_no_answer_about_a_person(linkedin: Directory, status: int) -> None:
    """Asked for again in the run, then told of as left out; another run that meets the person asks again."""
    linkedin.give["dmaPeople"] = lambda ids: {
        "results": {f"(id:{_inner(id_)})": {} for id_ in ids if id_ != {"id": "ill"}},
        "statuses": {"(id:ill)": status},
    }
    linkedin.name_people("ill", "shown")
    tap, writer = make_tap(linkedin, select=PEOPLE, organizations=[linkedin.organization])
    tap.sync_all()
    assert linkedin.batches() == [[{"id": "ill"}, {"id": "shown"}], *[[{"id": "ill"}]] * 3]
    (skip,) = tap.run_context.run.summary.skipped
    assert skip.startswith(f"people, 1 of those named: LinkedIn gave no answer about them ({status}: 1)")
    linkedin.give["dmaPeople"] = by_record
    linkedin.clear()
    second = read(linkedin, PEOPLE, Run(writer.messages).state)
    assert second.values("people", "id") == ["ill"]
    # The comments that name the person are listed again, once.
    linkedin.clear()
    assert read(linkedin, PEOPLE, second.state).records["comments"] == []


def test_members_without_an_answer_are_named_again_on_two_runs(linkedin: Directory) -> None:
    """Then the records that name them leave no more; the state says nothing of who they are."""
    linkedin.give["dmaPeople"] = lambda ids: {"results": {}, "statuses": {f"(id:{_inner(id_)})": 500 for id_ in ids}}
    linkedin.name_people("ill")
    state: dict[str, Any] = {}
    named = []
    for _ in range(4):
        result = read(linkedin, PEOPLE, state)
        state = result.state
        named.append(len(result.records["comments"]))
        assert "ill" not in json.dumps(state)
    assert named == [1, 1, 1, 0]


def test_others_without_an_answer_are_kept_by_their_urn_for_three_runs(linkedin: Directory) -> None:
    """Nothing that names them has to be read again."""

    def give(ids: list[Value]) -> dict[str, Any]:
        return {"results": {}, "statuses": {str(id_): 503 for id_ in ids}}

    linkedin.give["dmaOrganizationLookup"] = give
    urn = linkedin.add_comments(linkedin.post, 1)[0]
    linkedin.entities["dmaComments"][urn] = {"id": 1, "actor": "urn:li:organization:98765"}
    select = {"comments", "organization_lookup"}
    first = read(linkedin, select)
    assert first.state["bookmarks"]["organization_lookup"]["owed"] == {"urn:li:organization:98765": 1}
    linkedin.give["dmaOrganizationLookup"] = by_id
    linkedin.clear()
    second = read(linkedin, select, first.state)
    assert second.values("organization_lookup", "id") == [98765]
    assert second.records["comments"] == []
    assert "owed" not in second.state["bookmarks"]["organization_lookup"]
    linkedin.give["dmaOrganizationLookup"] = give
    state = first.state
    for _ in range(2):
        state = read(linkedin, select, state).state
    assert "owed" not in state["bookmarks"]["organization_lookup"]


@pytest.mark.parametrize("resource", ["dmaOrganizationLookup", "dmaIngestedContentSummaries"])
def test_what_is_owed_and_named_again_is_asked_for_once_and_counts_one_run(linkedin: Directory, resource: str) -> None:
    """It is let go after three runs without an answer, not after three times that it was named."""
    lookup, urn = {
        "dmaOrganizationLookup": ("organization_lookup", "urn:li:organization:98765"),
        "dmaIngestedContentSummaries": ("ingested_content_summaries", "urn:li:article:98765"),
    }[resource]

    def fail(_: list[Value]) -> dict[str, Any]:
        raise Refusal(500, "Internal Server Error")

    linkedin.give[resource] = (
        (lambda ids: {"results": {}, "statuses": {str(id_): 503 for id_ in ids}})
        if lookup == "organization_lookup"
        else fail
    )
    state: dict[str, Any] = {}
    for runs in (1, 2):
        comment = linkedin.add_comments(linkedin.post, 1)[0]
        linkedin.entities["dmaComments"][comment] = {"id": runs, "actor": urn}
        state = read(linkedin, {"comments", lookup}, state).state
        assert state["bookmarks"][lookup]["owed"] == {urn: runs}
    assert {len(ids) for ids in linkedin.batches(resource)} == {1}
    linkedin.give[resource] = lambda ids: {"results": {str(id_): {} for id_ in ids}}
    assert len(read(linkedin, {"comments", lookup}, state).records[lookup]) == 1


def test_what_linkedin_leaves_out_of_an_answer_is_owed_no_more(linkedin: Directory) -> None:
    """It would be asked for on every run for ever."""
    linkedin.give["dmaOrganizationLookup"] = lambda ids: {"results": {}, "statuses": {str(id_): 503 for id_ in ids}}
    comment = linkedin.add_comments(linkedin.post, 1)[0]
    linkedin.entities["dmaComments"][comment] = {"id": 1, "actor": "urn:li:organization:98765"}
    select = {"comments", "organization_lookup"}
    state = read(linkedin, select).state
    assert "owed" in state["bookmarks"]["organization_lookup"]
    linkedin.give["dmaOrganizationLookup"] = lambda _: {"results": {}}
    assert "owed" not in read(linkedin, select, state).state["bookmarks"]["organization_lookup"]


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
        tap, writer = make_tap(sandbox, state, select)
        with pytest.raises(IncompleteRun, match="organizations"):
            tap.sync_all()
        failed = Run(writer.messages)
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

    def fail(_: list[Value]) -> dict[str, Any]:
        raise Refusal(500, "Internal Server Error")

    linkedin.give["dmaContentPublicUrl"] = fail
    linkedin.add_post(urn_of(days=2), reshareContext={"root": urn_of(days=90, number=5)})
    tap, writer = make_tap(linkedin, select={"posts", "content_public_urls"}, organizations=[linkedin.organization])
    tap.sync_all()
    (skip,) = tap.run_context.run.summary.skipped
    assert skip.startswith("content_public_urls: LinkedIn failed on dmaContentPublicUrl (500).")
    assert Run(writer.messages).state_of("posts", linkedin.organization)["replication_key_value"]


def test_a_lookup_that_is_selected_later_says_what_it_lacks(linkedin: Directory) -> None:
    """Once: the records that were read before do not leave again, so nothing names what they named."""
    linkedin.name_people("a", "b")
    state = read(linkedin, {"comments"}).state
    linkedin.name_people("c")
    said = []
    for _ in range(2):
        tap, writer = make_tap(linkedin, state, PEOPLE, organizations=[linkedin.organization])
        tap.sync_all()
        state = Run(writer.messages).state
        said.append([skip for skip in tap.run_context.run.summary.skipped if skip.startswith("people")])
    assert [len(skips) for skips in said] == [1, 0]
    assert "The stream was not selected then. To have all looked up, run once without the state" in said[0][0]


def test_organizations_that_are_read_anyway_are_not_looked_up(linkedin: Directory) -> None:
    """Only others', by their bare number."""
    linkedin.give["dmaOrganizationLookup"] = by_id
    urn = linkedin.add_comments(linkedin.post, 1)[0]
    linkedin.entities["dmaComments"][urn] = {"id": 1, "actor": "urn:li:organization:98765"}
    select = {"organizations", "my_organization_acls", "comments", "organization_lookup"}
    (row,) = read(linkedin, select).records["organization_lookup"]
    assert (row["id"], row["organization"]) == (98765, "urn:li:organization:98765")
    assert linkedin.batches("dmaOrganizationLookup") == [["98765"]]


def test_administered_organizations_are_known_though_their_stream_is_not_selected(linkedin: Directory) -> None:
    """Every record of theirs names them."""
    linkedin.give["dmaOrganizationLookup"] = by_id
    urn = linkedin.add_comments(linkedin.post, 1)[0]
    linkedin.entities["dmaComments"][urn] = {"id": 1, "actor": "urn:li:organization:98765"}
    read(linkedin, {"comments", "organization_lookup"})
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
