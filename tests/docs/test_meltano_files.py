"""Meltano is told of the tap what the tap says of itself, in the Hub definition and in meltano.yml."""

from __future__ import annotations

import fnmatch
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator
from referencing import Registry, Resource

from generate.__main__ import (
    DUCKDB_DEFINITION,
    HUB_DEFINITION,
    MELTANO_YML,
    duckdb_file,
    hub_file,
    meltano_yml,
    utility_files,
)
from generate.extractor import PROJECT, from_code
from generate.tables import FIGURES, STARTER
from tap_linkedin_dma.commands.warehouse.dialects import keys
from tap_linkedin_dma.privacy.data_classes import DataClassification, classify
from tap_linkedin_dma.streams import STREAMS
from tap_linkedin_dma.tap import TapLinkedInDMA

SCHEMAS = Path(__file__).parents[1] / "meltano_hub"


def hub_schema() -> Draft7Validator:
    """Meltano Hub's schema of an extractor, whose parts name one another by their place."""
    registry: Registry[Any] = Registry()
    for file in SCHEMAS.rglob("*.json"):
        # Their own `$id`s would have each look for the others beside itself.
        part = {key: value for key, value in json.loads(file.read_text()).items() if key != "$id"}
        registry = registry.with_resource(file.as_uri(), Resource.from_contents(part))
    root = SCHEMAS / "plugin_definitions" / "extractors.schema.json"
    return Draft7Validator({"$ref": root.as_uri()}, registry=registry)


def test_the_hub_definition_is_what_the_code_says() -> None:
    """`make hub` writes it."""
    assert HUB_DEFINITION.read_text() == hub_file()


def test_the_utilities_are_what_the_code_says() -> None:
    """`make hub` writes them; each setting that dbt's profile reads is among theirs, by the name of its variable."""
    read = set(re.findall(r"env_var\('(\w+)'", (PROJECT / "transform/profiles.yml").read_text()))
    given = set()
    for file, text in utility_files().items():
        assert file.read_text() == text
        utility = yaml.safe_load(text)
        prefix = utility["namespace"].upper()
        given |= {setting.get("env", f"{prefix}_{setting['name'].upper()}") for setting in utility["settings"]}
    assert read - {"MELTANO_PROJECT_ROOT"} <= given


def test_meltano_yml_is_what_the_code_says() -> None:
    """`make hub` writes that part of it."""
    assert MELTANO_YML.read_text() == meltano_yml()


def test_meltano_hub_takes_the_definition() -> None:
    """By its own schema; one that takes anything would be no test."""
    definition = yaml.safe_load(HUB_DEFINITION.read_text())
    assert list(map(str, hub_schema().iter_errors(definition))) == []
    for wrong in ({"quality": "best"}, {"capabilities": ["magic"]}, {"settings": [{"kind": "number"}]}, {"extra": 1}):
        assert list(hub_schema().iter_errors({**definition, **wrong})), wrong


def test_meltano_knows_every_setting_and_hides_the_secret_ones() -> None:
    """A sensitive setting that Meltano does not know as such is printed by `meltano config`."""
    settings = {setting["name"]: setting for setting in yaml.safe_load(HUB_DEFINITION.read_text())["settings"]}
    schemas = TapLinkedInDMA.config_jsonschema["properties"]
    assert settings.keys() == schemas.keys()
    secret = {name for name, schema in schemas.items() if schema.get("secret")}
    assert "access_token" in secret
    assert {name for name, setting in settings.items() if setting.get("sensitive")} == secret


def test_streams_that_are_off_by_default_stay_off() -> None:
    """Meltano's own default would select everything."""
    extractor, *_ = yaml.safe_load(MELTANO_YML.read_text())["plugins"]["extractors"]
    assert extractor["select"] == [f"{stream.name}.*" for stream in STREAMS if stream.selected_by_default]


def test_other_projects_get_the_duckdb_that_loses_no_rows() -> None:
    """`make hub` writes their definition from that of meltano.yml."""
    assert DUCKDB_DEFINITION.read_text() == duckdb_file()
    assert "duckdb>=1.1,<1.2" in yaml.safe_load(duckdb_file())["pip_url"]


CATALOG = TapLinkedInDMA(config={"access_token": "none"}, validate_config=False).catalog_dict["streams"]
SELECTIONS = {"default": from_code()["select"], "starter": [f"{name}.*" for name in STARTER], "figures": FIGURES}


@pytest.mark.parametrize("patterns", SELECTIONS.values(), ids=SELECTIONS)
def test_every_pattern_of_a_selection_matches(patterns: Sequence[str]) -> None:
    """Meltano warns of one that does not, on every command. With a token for pages alone, as most have."""
    columns = {f"{stream['tap_stream_id']}.{name}" for stream in CATALOG for name in stream["schema"]["properties"]}
    assert [pattern for pattern in patterns if not fnmatch.filter(columns, pattern)] == []


def test_the_streams_to_start_with_are_no_guesses() -> None:
    """A newcomer's first run shows what is known to work."""
    evidence = {stream.name: stream.evidence for stream in STREAMS if stream.selected_by_default}
    assert {evidence[name] for name in STARTER} <= {"documented", "derived", "observed"}


def test_figures_come_without_persons() -> None:
    """No column that the selection takes holds anything of class member, nor do the keys, which always leave."""
    selected = {pattern.partition(".")[0] for pattern in FIGURES}
    for stream in (stream for stream in STREAMS if stream.name in selected):
        of_stream = DataClassification(stream.data_class)
        for path, mark in classify(of_stream, stream.schema, keys(stream)):
            column = f"{stream.name}.{path[0]}"
            if path[0] in keys(stream) or any(fnmatch.fnmatch(column, pattern) for pattern in FIGURES):
                assert mark.data_class != "member", column
