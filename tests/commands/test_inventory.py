"""`inventory`: which personal data a selection passes on, and how."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from tap_linkedin_dma.commands.inventory import inventory
from tap_linkedin_dma.tap import TapLinkedInDMA


def lines(folder: Path, *arguments: str, **config: Any) -> list[dict[str, str]]:
    file = folder / "config.json"
    file.write_text(json.dumps(config))
    result = CliRunner().invoke(inventory, ["--config", str(file), "--format", "csv", *arguments])
    assert result.exit_code == 0, result.output
    return list(csv.DictReader(io.StringIO(result.stdout)))


def test_only_what_is_selected_is_listed(tmp_path: Path) -> None:
    """By the catalog that a run is given, stream by stream and column by column."""
    catalog = TapLinkedInDMA(config={"access_token": "x"}, setup_mapper=False).catalog_dict
    for entry in catalog["streams"]:
        for one in entry["metadata"]:
            is_comment = entry["tap_stream_id"] == "comments"
            one["metadata"]["selected"] = is_comment and one["breadcrumb"] != ["properties", "message"]
    file = tmp_path / "catalog.json"
    file.write_text(json.dumps(catalog))
    found = lines(tmp_path, "--catalog", str(file))
    assert {line["stream"] for line in found} == {"comments"}
    (of_members,) = [line for line in found if line["class"] == "member"]
    assert {"text", "actor", "created.actor"} <= {*of_members["columns"].split(", ")}
    assert "message" not in of_members["columns"].split(", ")
    assert "geos" not in {line["stream"] for line in lines(tmp_path)}


def test_it_says_what_the_settings_make_of_persons(tmp_path: Path) -> None:
    """And leaves a place for what only the controller knows."""
    for way, leaves in (("include", "as LinkedIn sends it"), ("hash", "as a keyed hash"), ("omit", "not at all")):
        found = lines(tmp_path, member_data=way, member_hash_key="k" * 32)
        assert {line["leaves"] for line in found if line["class"] == "member"} == {leaves}
        assert {line["paragraph"] for line in found if line["class"] == "standardized"} == {"2.2.1, 3.2.1"}
        assert {line["legal basis"] for line in found} == {""}
    assert CliRunner().invoke(inventory).stdout.startswith("| stream | columns | class |")
