"""The table of requests: each line of `requests.txt` is asked, and answered as it says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import groupby
from typing import NamedTuple

import pytest

from linkedin_sandbox.log import finder_of, resource_of
from linkedin_sandbox.resources import RESOURCES
from tests.sandbox.client import Answer
from tests.sandbox.listings import serving, table

CURSORS = ("paginationCursorMetdata", "paginationCursorMetadata")


class Row(NamedTuple):
    """A request of the table, the world's guess that it is for, and what is to come."""

    guess: str
    target: str
    outcome: str


class Section(NamedTuple):
    """A section of the table: its name, its own request, and its lines."""

    name: str
    own: str
    lines: list[str]

    def row(self, guess: str, short: str, outcome: str) -> Row:
        """A row with its request written out."""
        resource, named = self.name.partition("?")[0], re.search(r"[?&](\w+)=", self.own)
        rest = self.own.rpartition("%3A")[2] if self.own.startswith("urn") else "".join(self.own[1:].partition("&")[1:])
        request = short.removeprefix(".").replace("@", self.own).replace("$", rest)
        target = (resource if request[:1] in ("?", "/") else self.name) + request
        outcome = outcome.replace("(last)", ["", *re.findall(r"[?&]([!\w.]+)=", target)][-1])
        if guess and not guess.startswith("dma"):
            guess = f"{resource.rpartition('/')[2]}{'' if guess.startswith('=') else '.'}{guess}"
        return Row(guess, *(text.replace("!", named[1] if named else "") for text in (target, outcome)))

    def rows(self) -> Iterator[Row]:
        """Its rows."""
        for line in self.lines:
            said, _, asked = line.partition(" | ")
            name, is_forms, outcomes = said.partition("~ ")
            if is_forms:
                yield from self.forms(name, outcomes, asked.split())
                continue
            guess, _, outcome = said.rpartition(": ")
            yield from (self.row(guess, short, outcome) for short in asked.split())

    def forms(self, name: str, outcomes: str, forms: list[str]) -> Iterator[Row]:
        """Each form of a parameter in each world: one takes the first, the next the second, and none another."""
        good = outcomes.split(", ") * (1 if ", " in outcomes else len(forms))
        sent = [dict(re.findall(r"[?&]([!\w.]+)=([^&]*)", self.row("", form, "").target)) for form in forms]
        for world, taken in enumerate(sent):
            guess = f"{name}={world}" if world else ""
            for form, parameters in zip(forms, sent, strict=True):
                unknown = [f"QUERY_PARAM_NOT_ALLOWED {each}" for each in parameters if each not in taken]
                wrong = [f"PARAM_INVALID {each}" for each in taken if parameters.get(each) != taken[each]]
                refused = [*unknown, *wrong, f"PARAM_INVALID {name.rpartition('.')[2]}"][0]
                yield self.row(guess, form, good[world] if parameters is taken else f"400 {refused}")


def requests() -> Iterator[Row]:
    """Every request of the table; a row that is written out goes before one that is shared, or follows from forms."""
    shared: dict[str, list[str]] = {}
    for text in "\n".join(table("requests.txt")).removeprefix("[").split("\n["):
        heading, *lines = text.splitlines()
        name, _, own = heading.replace("] ", "]").partition("]")
        if name.startswith("+"):
            shared[name[1:]] = lines
            continue
        others = [line for line in lines if re.match(r"\+|\S*~", line)]
        rows = list(Section(name, own, [line for line in lines if line not in others]).rows())
        yield from rows
        asked = {(row.guess, row.target): row.outcome for row in rows}
        good = asked.get(("", name + own), "")
        for line in others:
            more = [row for each in line[1:].split() for row in shared[each]] if line.startswith("+") else [line]
            for row in Section(name, own, more).rows():
                if (row.guess, row.target) not in asked:
                    asked[row.guess, row.target] = good if row.outcome == "@" else row.outcome
                    yield Row(row.guess, row.target, asked[row.guess, row.target])


def outcome(answer: Answer) -> str:
    """An answer as the table writes it."""
    if answer.status != 200:
        return " ".join(filter(None, [str(answer.status), answer.code, field_of(answer)]))
    found, metadata = answer.body, answer.body.get("metadata") or {}
    criteria = [each for each in found.get("elements", []) if "paging" in each or "error" in each]
    sizes = [each["error"]["status"] if "error" in each else len(each["elements"]) for each in criteria]
    many = sizes or [len(found[name]) for name in ("elements", "results") if name in found]
    pagings = [each["paging"] for each in criteria or [found] if "paging" in each]
    more = [
        *(["next"] if any(paging["links"] for paging in pagings) else []),
        *(["total"] if any("total" in paging for paging in pagings) else []),
        *(place for place in CURSORS if (metadata.get(place) or {}).get("nextPaginationCursor")),
        *(["nextPaginationCursor"] if metadata.get("nextPaginationCursor") else []),
    ]
    return " ".join(filter(None, ["200", ",".join(map(str, many)), "+".join(more)]))


def field_of(answer: Answer) -> str:
    """The path of the field that a refusal names."""
    named = answer.body.get("errorDetails", {"inputErrors": []})["inputErrors"]
    return str(named[0]["input"]["inputPath"]["fieldPath"]) if named else ""


def check_form(answer: Answer, target: str) -> None:
    """What holds of every answer: a refusal says the status, the field and the method, an entity more than is known."""
    resource, finder = target.partition("?")[0].partition("/")[0], re.search(r"\?(b?)q=(\w+)", target)
    denied = f"{resource}.{'BATCH_' if finder and finder[1] else ''}{f'FINDER-{finder[2]}' if finder else ''}"
    if answer.status == 200:
        found = answer.body
        entities = found["elements"] if "elements" in found else found.get("results", {"": found}).values()
        inner = [each for entity in entities for each in (entity["elements"] if "paging" in entity else [entity])]
        assert all(each["futureField"] for each in inner if "error" not in each), target
        for failed in (entity for entity in entities if "error" in entity or "isError" in entity):
            assert failed["isError"], target
            assert not failed.get("elements"), target
            assert failed["error"]["code"] == "ACCESS_DENIED", target
            assert denied in failed["error"]["message"], target
        return
    assert answer.body["status"] == answer.status, target
    field = field_of(answer)
    asked = re.search(rf"[?&]{field}=(\w+)", target) if field in ("q", "bq") else None
    assert (asked[1] if asked else field) in answer.body["message"], target
    if answer.code in ("PARAM_INVALID", "QUERY_PARAM_NOT_ALLOWED"):
        assert field, target
    if answer.code == "ACCESS_DENIED":
        assert answer.body["serviceErrorCode"] == 100, target
        assert answer.body["message"].startswith(f"Not enough permissions to access: {denied}"), target


ROWS = sorted(requests())
WORLDS = {guess: list(rows) for guess, rows in groupby(ROWS, key=lambda row: row.guess)}


@pytest.mark.parametrize("guess", WORLDS)
def test_each_request_is_answered_as_the_table_says(guess: str) -> None:
    """Status, code, field, number of elements and paging."""
    name, _, number = guess.partition("=")
    wrong = []
    with serving(guesses={name: int(number)} if guess else {}) as client:
        for row in WORLDS[guess]:
            answer = client.get(row.target)
            check_form(answer, row.target)
            if outcome(answer) != row.outcome:
                wrong.append((row.target, row.outcome, outcome(answer)))
    assert wrong == []


def test_no_request_stands_twice_in_the_table() -> None:
    """Of two rows with other outcomes one would be wrong."""
    asked = [(row.guess, row.target) for row in ROWS]
    assert len(set(asked)) == len(asked) > 1_000


def test_every_form_of_a_parameter_is_asked_for() -> None:
    """Each world's form is taken by some request, and the first form refused there by another."""
    outcomes = {guess: {row.outcome[:3] for row in rows} for guess, rows in WORLDS.items() if guess}
    assert len(outcomes) > 80
    assert {guess for guess, found in outcomes.items() if not {"200", "400"} <= found} == set()


def test_every_method_is_asked_for_and_answered() -> None:
    """Each finder, batch and entity of each resource; a member's own data are asked for in test_member.py."""
    good = [(f"/rest/{path}", query) for path, _, query in (row.target.partition("?") for row in ROWS if ok(row))]
    answered = {(resource_of(path), finder_of(path, query)) for path, query in good}
    there = {
        (resource.name, getattr(method, "name", method.kind))
        for resource in RESOURCES.values()
        for method in resource.methods
        if not resource.name.startswith("member")
    }
    assert len(there) > 90
    assert there - answered == set()


def ok(row: Row) -> bool:
    """Whether a good answer is to come, in a world without guesses."""
    return row.outcome.startswith("200") and not row.guess


def test_listings_are_paged_in_every_way() -> None:
    """A reader that takes one for all, loses."""
    ways = {[*row.outcome.split(), "", ""][2] for row in ROWS if row.outcome.startswith("200 ")}
    assert ways == {"", "next", "total", "next+total", *CURSORS, "nextPaginationCursor"}
