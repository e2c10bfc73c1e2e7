"""The way of a row to its RECORD message: shorter than the SDK's, and with the same message at its end."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone
from typing import Any

import pytest
from singer_sdk.singerlib import Catalog

from linkedin_sandbox import Sandbox, World
from tap_linkedin_dma.output.record_pipeline import RecordPipeline
from tap_linkedin_dma.output.singer_writer import MessageWriter, to_json_lines
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA
from tests.conftest import NOW
from tests.support.runs import make_tap

ALL = {stream.name for stream in STREAMS}
SOME = {"organizations", "followers", "posts", "comments", "social_metadata"}
MAPS = {
    "posts": {"id": "id", "kind": "content_kind", "__filter__": "content_kind != 'none'", "__alias__": "feed"},
    "followers": {"follower": "__NULL__", "page": "organizational_page"},
    "comments": None,
}


class _Lines(MessageWriter):
    """Keeps what leaves, as it leaves."""

    def __init__(self) -> None:
        super().__init__()
        self.left: list[str] = []

    def write_lines(self, lines: str) -> None:
        self.left.append(lines)


@pytest.fixture(scope="module")
def world() -> Iterator[Sandbox]:
    """A small company that only readers share."""
    with Sandbox(World(posts=12, followers=30, seed=7, now=NOW)) as serving:
        yield serving


def choose(tap: TapLinkedInDMA, deselected: list[list[str]], dropped: list[str]) -> None:
    """Have the catalog deselect properties, and lack others."""
    catalog = copy.deepcopy(tap.catalog_dict)
    for entry in catalog["streams"]:
        selected: dict[tuple[str, ...], bool] = {(): entry["tap_stream_id"] in SOME}
        selected |= {tuple(crumb): False for crumb in deselected}
        entry["metadata"] = [
            {"breadcrumb": list(crumb), "metadata": {"selected": chosen}} for crumb, chosen in selected.items()
        ]
        for name in dropped:
            entry["schema"]["properties"].pop(name, None)
    for stream in tap.streams.values():
        stream.apply_catalog(Catalog.from_dict(catalog))
    tap.setup_mapper()


def messages(
    world: Sandbox, select: set[str], deselected: list[list[str]], dropped: list[str], **config: Any
) -> list[str]:
    """What a run writes, less when it did, and less the links that LinkedIn makes anew on each call.

    In the order of their text: what is looked up together with what goes by how far the threads are.
    """
    tap, writer = make_tap(world, select=select, **config)
    if deselected or dropped:
        choose(tap, deselected, dropped)
    tap.sync_all()
    # A state on the way shows how far threads have read by then.
    *others, last = writer.messages
    lasting = [json.dumps(_lasting(one), sort_keys=True) for one in others if one["type"] != "STATE"]
    return [*sorted(lasting), json.dumps(last, sort_keys=True)]


def _take_as_the_sdk_does(path: RecordPipeline, rows: Sequence[Row], version: int | None, _: datetime) -> None:
    path._stream._stream_version = version
    for row in rows:
        path._stream._write_record_message(row)


def _lasting(value: Any) -> Any:
    if isinstance(value, dict):
        passing = {name for name in value if "downloadUrl" in name or name == "time_extracted"}
        return {name: _lasting(child) for name, child in value.items() if name not in passing}
    return [_lasting(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize(
    ("select", "config", "deselected", "dropped"),
    [
        pytest.param(ALL, {}, [], [], id="as it is"),
        pytest.param(SOME, {"stream_maps": MAPS}, [], [], id="mapped"),
        pytest.param(SOME, {"flattening_enabled": True, "flattening_max_depth": 2}, [], [], id="flattened"),
        pytest.param(
            SOME,
            {},
            [["properties", "unmapped"], ["properties", "created", "properties", "time"]],
            [],
            id="properties deselected",
        ),
        pytest.param(SOME, {}, [], ["unmapped", "created"], id="properties that the catalog lacks"),
    ],
)
def test_the_messages_are_those_of_the_sdks_own_way(
    world: Sandbox,
    monkeypatch: pytest.MonkeyPatch,
    select: set[str],
    config: dict[str, Any],
    deselected: list[list[str]],
    dropped: list[str],
) -> None:
    ours = messages(world, select, deselected, dropped, start_date="2026-02-01", **config)
    monkeypatch.setattr(RecordPipeline, "write", _take_as_the_sdk_does)
    assert ours == messages(world, select, deselected, dropped, start_date="2026-02-01", **config)
    assert [message for message in ours if '"type": "RECORD"' in message]


def test_records_leave_a_page_at_a_time(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    """None waits in the tap while LinkedIn lets it wait for the next page."""
    left: list[str] = []
    tap, writer = make_tap(sandbox, select={"followers"}, stream_options={"followers": {"page_size": 7}})
    monkeypatch.setattr(writer, "write_lines", left.append)
    tap.sync_all()
    sizes = [lines.count('"type":"RECORD"') for lines in left]
    assert max(sizes) == 7
    assert sum(sizes) == sum(len(followers) for followers in sandbox.world.followers.values())


def test_what_stands_around_the_records_of_a_page() -> None:
    """A message each, whatever the texts in the records look like, and the version only where there is one."""
    writer = _Lines()
    texts = ["}\n{", '"}\n', "é\n", ""]
    writer.write_records("posts", [{"text": text} for text in texts], None, NOW)
    writer.write_records('"feed"', [{"text": "it"}], 5, NOW)
    messages = [json.loads(line) for text in writer.left for line in text.splitlines()]
    times = [message.pop("time_extracted") for message in messages]
    assert [datetime.fromisoformat(time).tzinfo for time in times] == [timezone.utc] * 5
    assert messages == [
        *({"type": "RECORD", "stream": "posts", "record": {"text": text}} for text in texts),
        {"type": "RECORD", "stream": '"feed"', "record": {"text": "it"}, "version": 5},
    ]


def test_what_a_signal_does_waits_until_all_lines_are_out() -> None:
    acts: list[int] = []

    class Interrupted(_Lines):
        def write_lines(self, lines: str) -> None:
            self.run_between_messages(lambda: acts.append(len(self.left)))
            super().write_lines(lines)

    writer = Interrupted()
    writer.write_records("posts", [{"id": 1}], 5, NOW)
    assert acts == [1]


@pytest.mark.parametrize(
    "value",
    ["é ü 日本 😀", "\u2028", 7200000000000000001, 10**30, 1e-7, 0.1, True, None, {"deep": ["\x7f\n"]}],
)
def test_a_line_is_ascii_and_holds_the_value(value: object) -> None:
    """A target may read it in any encoding; half of a character is the matter of `test_loadable`."""
    lines = to_json_lines([{"n": 1}, {"value": value}, {"n": 2}])
    assert lines.isascii()
    assert [json.loads(line) for line in lines.splitlines()] == [{"n": 1}, {"value": value}, {"n": 2}]
