"""The examples name what there is. `make examples` runs the one for Dagster."""

from __future__ import annotations

import ast
import re

import pytest
import yaml
from packaging.requirements import Requirement

from generate.__main__ import MELTANO_YML
from generate.extractor import PROJECT
from tap_linkedin_dma.streams import STREAMS

DAGSTER, AIRFLOW = PROJECT / "examples" / "dagster", PROJECT / "examples" / "airflow"
CODE = {"dagster": DAGSTER / "definitions.py", "airflow": AIRFLOW / "linkedin.py"}
PLUGINS = {
    plugin["name"]: plugin for kind in yaml.safe_load(MELTANO_YML.read_text())["plugins"].values() for plugin in kind
}


@pytest.mark.parametrize("engine", CODE)
def test_an_example_names_streams_settings_and_commands_that_exist(engine: str) -> None:
    """And takes the syntax of the oldest Python that the tap has."""
    code = CODE[engine].read_text()
    tree = ast.parse(code, feature_version=(3, 10))
    named = {
        target.id: ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(target := node.targets[0], ast.Name)
        if target.id in ("FOLLOWS", "NAMED")
    }
    assert {*named["FOLLOWS"], *named["NAMED"]} <= {stream.name for stream in STREAMS}
    texts = code + "".join(file.read_text() for file in CODE[engine].parent.glob("*.md"))
    for plugin, setting in re.findall(r"\b(TAP_LINKEDIN_DMA|TARGET_POSTGRES|DBT_POSTGRES)_([A-Z_]+)", texts):
        known = {one["name"] for one in PLUGINS[plugin.lower().replace("_", "-")]["settings"]}
        assert setting.lower() in known, setting
    commands = re.findall(r"\b(tap-linkedin-dma|dbt-postgres):(\w+)", texts)
    assert commands
    for plugin, command in commands:
        assert command in PLUGINS[plugin]["commands"]


def test_the_versions_that_are_tested_are_those_that_are_asked_for() -> None:
    """And dbt is the one of meltano.yml."""
    asked = [Requirement(line) for line in (DAGSTER / "requirements.txt").read_text().splitlines() if line[0] != "#"]
    locked = dict(re.findall(r"^([\w-]+)==([^\s;]+)", (DAGSTER / "requirements.lock").read_text(), re.MULTILINE))
    for requirement in asked:
        assert requirement.specifier.contains(locked[requirement.name]), requirement
    of_dbt = {str(requirement) for requirement in asked if requirement.name.startswith("dbt-")}
    assert of_dbt == {str(Requirement(one)) for one in PLUGINS["dbt-postgres"]["pip_url"].split()}
