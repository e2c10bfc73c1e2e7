"""The table of shapes: each listing and batch of `shapes.txt` is read whole, and holds what it says."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable
from contextlib import closing
from typing import Any
from urllib.parse import quote

import pytest

from linkedin_sandbox import Sandbox, World
from linkedin_sandbox.world.events import live_video_urn
from linkedin_sandbox.world.ingested import ingested_places
from tests.sandbox.client import Client
from tests.sandbox.conftest import NOW
from tests.sandbox.listings import SHAPES, of_showcase, pages

TEXT = "{localized{en_US} preferredLocale{country language}}"
KEYS = {"id", "$URN", "urn", "entityUrn", "threadUrn", "contentSeriesUrn", "linkedInArticleUrn", "notificationId"}
MANY: dict[str, Callable[[World], Iterable[str]]] = {
    "{posts}": lambda world: world.truth.posts,
    "{comments}": lambda world: (comment.urn for comment in world.truth.all_comments),
    "{reactions}": lambda world: (reaction.urn for reaction in world.truth.reactions),
    "{reposts}": lambda world: (
        world.truth.instant_reposts + [repost.urn for repost in world.truth.post_instant_reposts]
    ),
    "{live_videos}": lambda world: (live_video(world, place).rpartition(":")[2] for place in range(6)),
    "{ingested}": lambda world: ingested_places(world.seed),
}
ONE: dict[str, Callable[[World], str]] = {
    "{event}": lambda world: f"urn:li:event:{world.truth.events[0]}",
    "{live_video}": lambda world: live_video(world, 0),
    "{thread}": lambda world: max(world.truth.messages, key=world.truth.messages.__getitem__),
    "{series}": lambda world: max(world.truth.subscribers, key=world.truth.subscribers.__getitem__),
}


def live_video(world: World, place: int) -> str:
    """The URN of one of the company's live videos."""
    return live_video_urn(world.truth.organizations[0], world.seed, place)


def kind(value: object) -> str:
    """The kind of a URN, or the type of another value."""
    urn = re.match(r"urn:li:(\w+):", value) if isinstance(value, str) else None
    return urn[1] if urn else type(value).__name__


def shape(values: list[Any]) -> str:
    """The kinds of these values, as `shapes.txt` writes them."""
    objects = [value for value in values if isinstance(value, dict)]
    arrays = [value for value in values if isinstance(value, list)]
    found = sorted({kind(value) for value in values if not isinstance(value, dict | list)})
    if objects:
        fields: dict[str, list[Any]] = {}
        for name, value in (pair for each in objects for pair in each.items() if pair[0] != "futureField"):
            fields.setdefault(name, []).append(value)
        named = (
            name
            + ("" if len(there) == len(objects) else "?")
            + f":{shape(there)}".removesuffix(":str").replace(":{", "{")
            for name, there in sorted(fields.items())
        )
        found.append("{" + " ".join(named) + "}")
    if arrays:
        found.append(f"[{shape([entry for array in arrays for entry in array])}]")
    return "|".join(found).replace(TEXT, "(text)")


def listed(client: Client, target: str) -> tuple[str, list[Any]]:
    """How many stand on each page and which are alike; and all of them."""
    read = list(pages(client, target))
    found = [page["elements"] for page in read]
    rows = [row for page in found for row in page]
    assert {page["paging"]["total"] for page in read if "total" in page.get("paging", {})} <= {len(rows)}, target
    texts = [json.dumps(row, sort_keys=True) for row in rows]
    alike = [f"{texts.index(text)}={place}" for place, text in enumerate(texts) if texts.index(text) < place]
    return " ".join([*(str(len(page)) for page in found), *alike]), rows


def batched(client: Client, target: str, keys: list[str]) -> tuple[str, list[Any]]:
    """How many are refused, by status, or not answered (0); and the entities."""
    found: dict[str, Any] = {}
    lacking: Counter[int] = Counter()
    for start in range(0, len(keys), 30):
        envelope = client.batch(target, asked := keys[start : start + 30])
        found |= envelope["results"]
        errors = envelope.get("errors", {})
        lacking += Counter(errors[key]["status"] if key in errors else 0 for key in {*asked} - {*envelope["results"]})
    return " ".join(["all", *(f"but {many} {status}" for status, many in sorted(lacking.items()))]), list(
        found.values()
    )


def check_entities(target: str, rows: list[Any]) -> None:
    """An unannounced field stands at the top of each, and no key of their own comes twice."""
    assert all(row["futureField"] for row in rows), target
    for name in KEYS | {
        re.sub(r"dma(\w+).*", lambda resource: resource[1][0].lower() + resource[1][1:] + "Urn", target)
    }:
        keys = [str(row[name]) for row in rows if name in row]
        assert len({*keys}) == len(keys), (target, name)


def answered(client: Client, world: World, target: str) -> tuple[str, str]:
    """Sizes and shape of what a request of the table is answered with."""
    path, _, name = target.partition(" ")
    if name in MANY:
        sizes, rows = batched(client, path, [*MANY[name](world)])
    else:
        for short, urn in ONE.items():
            if short in target:
                target = target.replace(short, quote(urn(world), safe=""))
        sizes, rows = listed(client, target)
        if of_showcase(target) != target:
            sizes += f" / {listed(client, of_showcase(target))[0]}"
    check_entities(target, rows)
    return sizes, shape(rows)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_each_listing_and_batch_holds_what_the_table_says(seed: int) -> None:
    """Whatever the seed; `-` stands for sizes that differ from seed to seed."""
    world, wrong = World(posts=60, followers=250, seed=seed, now=NOW), []
    with Sandbox(world) as sandbox, closing(Client(sandbox)) as client:
        for target, sizes, fields in SHAPES:
            found = answered(client, world, target)
            if found != (found[0] if sizes == "-" else sizes, fields):
                wrong.append((target, sizes, fields, found))
    assert wrong == []
