"""`make hub` and `make tables`: write anew what follows from the code. The tests say when it is due.

`python -m generate evidence REPORT…` adds wire reports to the evidence, and writes the tables.
"""

from __future__ import annotations

import argparse
import io
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.representer import RoundTripRepresenter

from generate import evidence, tables
from generate.dbt import dbt_duckdb, dbt_postgres
from generate.extractor import PROJECT, from_code, hub_definition
from generate.report import dashboard, report

PLUGINS = PROJECT / "plugins"
HUB_DEFINITION = PLUGINS / "extractors" / "tap-linkedin-dma.yml"
DUCKDB_DEFINITION = PLUGINS / "loaders" / "target-duckdb.yml"
UTILITIES = (dbt_postgres(), dbt_duckdb(), report(), dashboard())
MELTANO_YML = PROJECT / "meltano.yml"
DOCS = (PROJECT / "README.md", *sorted((PROJECT / "docs").glob("*.md")))

_HEAD = """\
# The tap for Meltano: `meltano add --from-ref FILE tap-linkedin-dma`, FILE being this file or its address.
# Written by `make hub`.
"""

_DUCKDB_HEAD = """\
# target-duckdb with a DuckDB that does not lose rows: `meltano add --from-ref FILE target-duckdb`.
# Written by `make hub` from meltano.yml, which says more.
"""


_HEAD_OF_UTILITY = """\
# {label} for Meltano, beside the folders transform/ and report/:
# `meltano add --plugin-type utility --from-ref FILE {name}`.
# Written by `make hub`.
"""


def utility_files() -> dict[Path, str]:
    """The definitions of the utilities, by their paths."""
    return {
        PLUGINS / "utilities" / f"{utility['name']}.yml": _HEAD_OF_UTILITY.format(**utility) + _written(utility)
        for utility in UTILITIES
    }


def hub_file() -> str:
    """The Meltano Hub definition."""
    return _HEAD + _written(hub_definition())


def duckdb_file() -> str:
    """The loader of the shipped meltano.yml whose newest releases lose rows, for other projects."""
    loaders = YAML(typ="safe").load(MELTANO_YML.read_text())["plugins"]["loaders"]
    (loader,) = (each for each in loaders if each["name"] == "target-duckdb")
    # `meltano add` takes no config from a definition: what it sets is a setting's value instead.
    config = loader.pop("config")
    for setting in loader["settings"]:
        if setting["name"] in config:
            setting["value"] = config[setting["name"]]
    return _DUCKDB_HEAD + _written(loader)


def meltano_yml() -> str:
    """The shipped meltano.yml, with its utilities, and all of its extractor that follows from the code."""
    project = _yaml().load(MELTANO_YML.read_text())
    extractor, _ = project["plugins"]["extractors"]
    extractor.update(from_code())
    project["plugins"]["utilities"] = list(UTILITIES)
    return _written(project)


def _yaml() -> YAML:
    yaml = YAML()
    yaml.preserve_quotes = True
    # A sentence that is broken anew wherever a word changes makes a diff hard to read.
    yaml.width = 1000
    yaml.representer.add_representer(str, _text)
    return yaml


def _text(representer: RoundTripRepresenter, text: str) -> ScalarNode:
    """A text in quotes if the readers of YAML 1.1, which others have, would take it for a boolean."""
    return representer.represent_scalar(
        "tag:yaml.org,2002:str", text, style="'" if text.lower() in ("off", "on") else None
    )


def _written(content: Any) -> str:
    text = io.StringIO()
    _yaml().dump(content, text)
    return text.getvalue()


def main() -> None:
    """Write the files."""
    parser = argparse.ArgumentParser("python -m generate", description=__doc__)
    parser.add_argument("what", choices=["hub", "tables", "evidence"])
    parser.add_argument("reports", nargs="*", type=Path, help="wire reports, for evidence")
    options = parser.parse_args()
    if options.what == "hub":
        HUB_DEFINITION.write_text(hub_file())
        DUCKDB_DEFINITION.write_text(duckdb_file())
        MELTANO_YML.write_text(meltano_yml())
        for file, text in utility_files().items():
            file.parent.mkdir(exist_ok=True)
            file.write_text(text)
    else:
        if options.what == "evidence":
            evidence.save(evidence.add(evidence.load(), options.reports))
        for file in DOCS:
            file.write_text(tables.filled(file.read_text()))


if __name__ == "__main__":
    main()
