"""Rows that leave in files: the same ones, in an order that holds, in files that stand as long as they are needed."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pendulum
import pytest
from singer_sdk.singerlib.encoding.simple import ActivateVersionMessage, StateMessage

from linkedin_sandbox import Sandbox
from tap_linkedin_dma.api.errors import DmaError, OutputClosed
from tap_linkedin_dma.output.batch_files import BatchFiles
from tap_linkedin_dma.output.singer_writer import MessageWriter
from tests.conftest import NOW
from tests.support.batches import as_records, batch_config
from tests.support.runs import make_tap, run
from tests.support.tables import Tables, run_into

KEY = {"id"}
MOMENT = pendulum.instance(NOW)


class Lines(MessageWriter):
    """Keeps the messages that would be written, with the files of BATCH messages as they are then."""

    def __init__(self, folder: Path, rows: int = 20, pipeline: str = "0a1b2c3d", **encoding: str) -> None:
        super().__init__()
        self.messages: list[dict[str, Any]] = []
        self.files = BatchFiles({**batch_config(folder, rows), "encoding": encoding}, pipeline, MOMENT)
        self.use_batch_files(self.files)

    def write_lines(self, lines: str) -> None:
        self.messages += map(json.loads, lines.splitlines())

    def write(self, *ids: object, stream: str = "posts", **more: Any) -> None:
        self.write_records(stream, [{"id": one, **more} for one in ids], 7, MOMENT, KEY)

    def left(self) -> list[tuple[str, Any]]:
        """Each row, by the way that it left and its id; of a state, what it says."""
        return [
            (message["type"], one.get("record", {}).get("id", one.get("value")))
            for message in self.messages
            for one in as_records(message)
        ]


def test_rows_after_the_first_leave_in_files_before_the_state(tmp_path: Path) -> None:
    """Of each stream; a file that is full leaves at once, and all others before a state or a version."""
    writer = Lines(tmp_path)
    writer.write(1, 2)
    writer.write(*range(3, 23))
    writer.write(23, 24)
    writer.write(1, stream="people")
    assert [kind for kind, _ in writer.left()] == [*["RECORD"] * 2, *["BATCH"] * 20, "RECORD"]
    writer.write_message(StateMessage(value={"at": 24}))
    writer.write(25)
    writer.write_message(ActivateVersionMessage(stream="posts", version=7))
    writer.write(26)
    # A state that says nothing new is not written, but the rows are.
    writer.write_message(StateMessage(value={"at": 24}))
    assert writer.left()[23:] == [
        *(("BATCH", 23), ("BATCH", 24), ("STATE", {"at": 24})),
        *(("BATCH", 25), ("ACTIVATE_VERSION", None), ("BATCH", 26)),
    ]


def test_a_key_stays_with_the_way_it_left_first(tmp_path: Path) -> None:
    """A target may keep RECORD messages back while it loads a later file: an older row would replace a newer one."""
    writer = Lines(tmp_path)
    writer.write("a", "b")
    writer.write("c", "a", "d")
    writer.write_message(StateMessage(value={}))
    assert writer.left() == [*(("RECORD", one) for one in "aba"), ("BATCH", "c"), ("BATCH", "d"), ("STATE", {})]


def test_without_keys_nothing_leaves_in_files(tmp_path: Path) -> None:
    """Then it cannot be known which row is the same one."""
    writer = Lines(tmp_path)
    writer.write_records("posts", [{"id": one} for one in range(9)], None, MOMENT)
    assert {kind for kind, _ in writer.left()} == {"RECORD"}


@pytest.mark.parametrize("compression", ["gzip", "none"])
def test_a_file_holds_what_a_record_message_would(tmp_path: Path, compression: str) -> None:
    """The text too that PostgreSQL could not store; its name tells nothing of its rows."""
    writer = Lines(tmp_path, format="jsonl", compression=compression)
    writer.write(*range(5), stream="../posts", text="}\n{", bad="a\0b")
    writer.write(*range(5, 8), stream="../posts", text="}\n{", bad="a\0b")
    writer.write_message(StateMessage(value={}))
    rows = [one["record"] for message in writer.messages[:-1] for one in as_records(message)]
    assert rows == [{"id": one, "text": "}\n{", "bad": "a\ufffdb"} for one in range(8)]
    (file,) = [path for path in tmp_path.rglob("*") if path.suffix in (".gz", ".jsonl")]
    assert file.name.startswith("___posts-1.jsonl")


def test_a_run_leaves_the_same_rows_in_files(sandbox: Sandbox, tmp_path: Path) -> None:
    config: dict[str, Any] = {
        "member_data": "hash",
        "member_hash_key": "an invented key of 32 characters.",
        "stream_maps": {"posts": {"kind": "content_kind", "__alias__": "entries"}},
    }
    plain, in_files = Tables(), Tables()
    select = {"posts", "comments", "reactions", "people"}
    run_into(plain, sandbox, select, **config)
    run_into(in_files, sandbox, select, **config, batch_config=batch_config(tmp_path))
    streams = {"entries", "comments", "reactions", "people"}
    assert {path.name.partition("-")[0] for path in tmp_path.rglob("*.gz")} == plain.rows.keys() == streams
    for stream in streams:
        assert in_files.of(stream) == plain.of(stream)


def test_a_full_disk_ends_the_run_and_loses_nothing(sandbox: Sandbox, tmp_path: Path) -> None:
    """No state leaves that says more than the target has; the sentence names the setting."""
    config: dict[str, Any] = {
        "stream_options": {"followers": {"page_size": 5}},
        "batch_config": batch_config(tmp_path),
    }
    tables, whole = Tables(), Tables()
    run_into(whole, sandbox, {"followers"})

    class Filling(Tables):
        def take(self, message: dict[str, Any]) -> None:
            super().take(message)
            if message["type"] == "BATCH":
                for file in [*tmp_path.rglob("*.gz")]:
                    file.unlink()
                for folder in tmp_path.glob("*/"):
                    folder.rmdir()

    tables = Filling()
    with pytest.raises(OutputClosed, match=r"^A file of batch_config cannot be written \(No such file.*storage.root"):
        run_into(tables, sandbox, {"followers"}, **config)
    assert 0 < len(tables.of("followers")) < len(whole.of("followers"))
    then = Tables()
    then.rows, then.keys, then.state = tables.rows, tables.keys, tables.state
    run_into(then, sandbox, {"followers"}, **config)
    assert then.of("followers") == whole.of("followers")


def folders(root: Path) -> set[str]:
    """The folders of runs, less their random part."""
    assert {path.stem for path in root.glob("*.lock")} >= {path.name for path in root.glob("*/")}
    return {path.name.rpartition("-")[0].rpartition("-")[2] for path in root.glob("*/")}


def test_files_stand_until_no_target_reads_them(tmp_path: Path) -> None:
    """The pipeline's own until its next run, others' for an hour, and those of a tap that runs as long as it does."""
    ended = {pipeline: Lines(tmp_path, pipeline=pipeline) for pipeline in ("own", "recent", "old", "runs", "empty")}
    for pipeline, writer in ended.items():
        writer.write(*range(9))
        if pipeline != "empty":  # a file without a message, which nobody reads
            writer.write_message(StateMessage(value={}))
        if pipeline != "runs":
            writer.files.close()
    for folder in tmp_path.glob("*/"):
        if "recent" not in folder.name:
            os.utime(folder, (1, 1))
    assert folders(tmp_path) == {"own", "recent", "old", "runs"}
    Lines(tmp_path, pipeline="own").files.close()
    assert folders(tmp_path) == {"recent", "runs"}
    assert len([*tmp_path.glob("*.lock")]) == 2
    ended["runs"].files.close()


def test_the_next_run_knows_its_pipeline_by_the_state(sandbox: Sandbox, tmp_path: Path) -> None:
    """So that it removes what the last one left, and another pipeline's run does not."""
    config: dict[str, Any] = {"batch_config": batch_config(tmp_path), "select": {"followers"}}
    first = run(sandbox, **config)
    (left,) = tmp_path.glob("*/")
    run(sandbox, **config)
    assert len([*tmp_path.glob("*/")]) == 2
    run(sandbox, first.state, **config)
    assert not left.exists()
    assert len([*tmp_path.glob("*/")]) == 2


def test_a_folder_that_cannot_be_made_ends_the_run_at_once(sandbox: Sandbox, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    tap, writer = make_tap(sandbox, select={"followers"}, batch_config=batch_config(tmp_path / "file"))
    with pytest.raises(DmaError, match=r"^batch_config: the folder .*file cannot be written and locked \(File "):
        tap.sync_all()
    assert writer.messages == []
