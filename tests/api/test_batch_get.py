"""Batches of ids: one odd id spoils nothing but itself, and a status that passes is no answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from tap_linkedin_dma.api.errors import AccessDenied, BadRequest, NotFound, PermanentError, ServerFault
from tap_linkedin_dma.stream_types.base import DmaStream
from tests.support.answering import Answering, Asked, Reply, stream_asking
from tests.support.clock import FakeClock

IDS = [f"urn:li:share:{number}" for number in range(1, 51)]
POISON = IDS[20]


def ids_of(asked: Asked) -> list[str]:
    """The ids of a request."""
    return asked.query.removeprefix("ids=List(").removesuffix(")").replace("%3A", ":").split(",")


def giving(statuses: Mapping[str, int], place: str = "statuses") -> Callable[[Asked], Reply]:
    """All ids but these, which have a status in their place."""

    def answer(asked: Asked) -> Reply:
        ids = ids_of(asked)
        told: dict[str, Any] = {id_: statuses[id_] for id_ in ids if id_ in statuses}
        if place == "errors":
            told = {id_: {"status": status, "message": "No"} for id_, status in told.items()}
        return Reply({"results": {id_: {"id": id_} for id_ in ids if id_ not in statuses}, place: told})

    return answer


def refusing(odd: set[str], status: int) -> Callable[[Asked], Reply]:
    """All ids but these, for which the whole batch is refused."""

    def answer(asked: Asked) -> Reply:
        ids = ids_of(asked)
        return Reply(status=status) if odd & {*ids} else Reply({"results": {id_: {"id": id_} for id_ in ids}})

    return answer


def asking(server: Answering, clock: FakeClock | None = None) -> DmaStream:
    return stream_asking(server.url, clock, max_concurrency=1)


@pytest.mark.parametrize(
    ("status", "place"), [(503, "errors"), *((status, "statuses") for status in (408, 425, 429, 500, 502, 503, 504))]
)
def test_an_id_whose_status_passes_is_asked_for_again_by_itself(server: Answering, status: int, place: str) -> None:
    """After a wait; the others are not asked for again."""
    replies = [giving({POISON: status}, place), giving({})]
    server.answer = lambda asked: replies[min(len(server.asked), 2) - 1](asked)
    clock = FakeClock()
    found = asking(server, clock).client.batch_get("dmaPosts", IDS)
    assert ({*found}, found.missing) == ({*IDS}, {})
    assert [ids_of(asked) for asked in server.asked] == [IDS, [POISON]]
    assert sum(clock.slept) >= 2


@pytest.mark.parametrize("status", [429, 503])
def test_a_status_that_does_not_pass_is_no_answer_after_all(server: Answering, status: int) -> None:
    """Four requests in all, and the id is told of as one whose answer is not known."""
    server.answer = giving({POISON: status})
    found = asking(server).client.batch_get("dmaPosts", IDS)
    assert found.unanswered == {POISON: status}
    assert len(found) == len(IDS) - 1
    assert len(server.asked) == 4


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_no_is_an_answer(server: Answering, status: int) -> None:
    """Asked once."""
    server.answer = giving({POISON: status})
    found = asking(server).client.batch_get("dmaPosts", IDS)
    assert (found.missing, found.unanswered) == ({POISON: status}, {})
    assert len(server.asked) == 1


@pytest.mark.parametrize("status", [400, 414, 422])
def test_a_request_that_is_refused_is_no_answer_about_its_id(server: Answering, status: int) -> None:
    """Asked once in a run, and told of."""
    server.answer = giving({POISON: status})
    assert asking(server).client.batch_get("dmaPosts", IDS).unanswered == {POISON: status}
    assert len(server.asked) == 1


@pytest.mark.parametrize(
    ("status", "kept", "places"),
    [
        *((status, status, [20]) for status in (400, 403, 404, 414, 500)),
        (410, 404, [20]),
        *((403, 403, places) for places in ([0], [49], [3, 30])),
    ],
)
def test_an_id_that_has_its_batch_refused_is_left_out_alone(
    server: Answering, status: int, kept: int, places: list[int]
) -> None:
    """By halves, at some twelve requests an id; the others are read."""
    odd = {IDS[place] for place in places}
    server.answer = refusing(odd, status)
    found = asking(server).client.batch_get("dmaPosts", IDS)
    assert ({*found}, found.missing) == ({*IDS} - odd, dict.fromkeys(odd, kept))
    assert len(server.asked) <= 4 + 12 * len(odd) + 6


@pytest.mark.parametrize(
    ("status", "error"), [(400, BadRequest), (403, AccessDenied), (404, NotFound), (500, ServerFault)]
)
def test_a_refusal_of_all_is_one_and_costs_few_calls(
    server: Answering, status: int, error: type[PermanentError]
) -> None:
    """The stream deals with it, as with that of any request."""
    server.answer = lambda _: Reply(status=status)
    with pytest.raises(error):
        asking(server).client.batch_get("dmaPosts", [*IDS, *(f"urn:li:share:9{number}" for number in range(200))])
    assert len(server.asked) <= 8


def test_a_batch_that_is_refused_later_on_is_of_its_ids(server: Answering) -> None:
    """Since LinkedIn has answered others in this run: a single one too."""
    server.answer = refusing({POISON}, 403)
    stream = asking(server)
    stream.client.batch_get("dmaPosts", IDS[:10])
    assert stream.client.batch_get("dmaPosts", [POISON]).missing == {POISON: 403}


def test_ids_that_are_refused_cannot_spend_the_budget(server: Answering) -> None:
    """After a hundred refusals the rest is not asked for, and told of as such."""
    odd = {f"urn:li:share:{number}" for number in range(1, 2401)}
    server.answer = refusing(odd, 400)
    stream = asking(server)
    found = stream.client.batch_get("dmaPosts", ["urn:li:share:9999", *odd])
    assert {*found} == {"urn:li:share:9999"}
    assert len(server.asked) < 160
    assert 0 in found.unanswered.values()


def test_a_batch_without_a_word_on_any_of_its_ids_is_no_answer(server: Answering) -> None:
    """One of them alone may be missing without a word."""
    server.answer = lambda _: Reply({"results": {}, "statuses": {}, "errors": {}})
    stream = asking(server)
    assert {*stream.client.batch_get("dmaPosts", IDS).unanswered} == {*IDS}
    assert stream.client.batch_get("dmaPosts", [POISON]).missing == {POISON: None}


@pytest.mark.parametrize(
    ("told", "status"),
    [
        ({"statuses": {POISON: "503"}}, 503),
        ({"statuses": {POISON: 200}, "errors": {POISON: {"status": 503}}}, 503),
        ({"statuses": {POISON: 403}, "errors": {POISON: {"message": "No"}}}, 403),
        ({"errors": {POISON: {"code": "INTERNAL", "message": "No"}}}, 500),
        ({"errors": {POISON: {"error": {"status": 503}}}}, 500),
        ({"results": {POISON: {"status": 503, "message": "No"}}}, 503),
        ({"results": {POISON: {"exceptionClass": "RestLiServiceException", "stackTrace": "x"}}}, 500),
        ({"statuses": {POISON.replace("share", "ugcPost"): 503}}, 503),
    ],
)
def test_an_error_of_an_id_is_read_wherever_it_stands(server: Answering, told: dict[str, Any], status: int) -> None:
    """One that says no status is as a 500; one in the entity's place is no entity."""
    good = {id_: {"id": id_} for id_ in IDS if id_ != POISON}
    server.answer = lambda _: Reply({**told, "results": {**good, **told.get("results", {})}})
    found = asking(server).client.batch_get("dmaPosts", IDS)
    assert ({*found}, found.missing) == ({*good}, {POISON: status})
