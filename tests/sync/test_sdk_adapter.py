"""The Singer SDK's private and final things: named in one module, and each still there."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from singer_sdk import Stream, Tap
from singer_sdk.plugin_base import SingerCommand
from singer_sdk.singerlib.encoding.simple import SimpleSingerWriter

import tap_linkedin_dma
from tap_linkedin_dma.sync import sdk_adapter

ROOT = Path(tap_linkedin_dma.__file__).parent
ADAPTER = Path(sdk_adapter.__file__)

IMPORTED = {
    "singer_sdk.helpers._typing": {"conform_record_data_types"},
    "singer_sdk.plugin_base": {"_ConfigInput"},
}
"""By private module of the SDK, what the adapter imports from it."""

OF_STREAMS = {
    *("_check_max_record_limit", "_log_metric", "_metadata", "_tap_input_catalog", "_sync_records", "_tap"),
    *("_write_activate_version_message", "_write_schema_message"),
}
OF_TAPS = {
    *("_config", "_get_about_info", "_handle_termination", "_setup_signal_handlers", "_streams", "_validate_config"),
    # Final, so that a type checker must be told.
    *("run_sync_dry_run", "sync_all"),
}


class PlainStream(Stream):
    """A stream of the SDK's own, without anything of this tap."""

    name = "plain"
    schema = {"type": "object", "properties": {"id": {"type": "string"}}}

    def get_records(self, context: Any) -> Iterable[dict[str, Any]]:
        return ()


class PlainTap(Tap):
    """A tap of the SDK's own, without anything of this one."""

    name = "tap-plain"
    config_jsonschema = {"type": "object", "properties": {}}

    def discover_streams(self) -> list[Stream]:
        return [PlainStream(self)]


TAP = PlainTap()
PRIVATE = {
    base: {name for name in dir(thing) if name.startswith("_") and not name.startswith(("__", "_abc_"))}
    for base, thing in (
        (Stream, TAP.streams["plain"]),
        (Tap, TAP),
        (SimpleSingerWriter, SimpleSingerWriter()),
        (SingerCommand, SingerCommand),
    )
}
"""The names of private attributes and methods that objects of the SDK have, by class."""


@pytest.mark.parametrize(("module", "name"), [(module, name) for module in IMPORTED for name in IMPORTED[module]])
def test_the_sdk_still_has_what_the_adapter_imports(module: str, name: str) -> None:
    """A release of the SDK that drops it fails here, by its name, and not somewhere in a run."""
    assert hasattr(import_module(module), name)


@pytest.mark.parametrize("name", sorted(OF_STREAMS))
def test_streams_of_the_sdk_still_have_what_the_adapter_uses(name: str) -> None:
    """An override of a method that is gone would otherwise never be called again, in silence."""
    assert name in dir(TAP.streams["plain"])


@pytest.mark.parametrize("name", sorted(OF_TAPS))
def test_taps_of_the_sdk_still_have_what_the_adapter_uses(name: str) -> None:
    assert name in dir(TAP)


def inherited(module: str, statement: ast.ClassDef) -> set[str]:
    """The private names that a class of the package has from the SDK."""
    defined = getattr(import_module(module), statement.name, None)
    bases = defined.__mro__ if isinstance(defined, type) else ()
    return {name for base, names in PRIVATE.items() if base in bases for name in names}


def named_in(file: Path) -> Iterator[str]:
    """The private names of the SDK that a module uses: imports, attributes of other objects, and inherited ones.

    A class that does not derive from one of the SDK's may have a private attribute of such a name.
    """
    parts = file.relative_to(ROOT.parent).with_suffix("").parts
    module = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
    tree = ast.parse(file.read_text(encoding="utf-8"))
    of_sdk = set().union(*PRIVATE.values())
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("singer_sdk"):
            is_private = any(part.startswith("_") for part in (node.module or "").split("."))
            yield from (alias.name for alias in node.names if is_private or alias.name.startswith("_"))
        elif isinstance(node, ast.Attribute) and ast.unparse(node.value) not in ("self", "cls", "super()"):
            yield from {node.attr} & of_sdk
        elif isinstance(node, ast.ClassDef):
            names = inherited(module, node)
            for inner in ast.walk(node):
                if isinstance(inner, ast.FunctionDef):
                    yield from {inner.name} & names
                elif isinstance(inner, ast.Attribute) and ast.unparse(inner.value) in ("self", "cls", "super()"):
                    yield from {inner.attr} & names


def test_the_lists_above_are_what_the_adapter_uses() -> None:
    """A name that is used and not listed would go unnoticed until a run breaks."""
    listed = {*OF_STREAMS, *OF_TAPS}.union(*IMPORTED.values())
    assert set(named_in(ADAPTER)) == {name for name in listed if name not in ("run_sync_dry_run", "sync_all")}


@pytest.mark.parametrize(
    "file",
    [file for file in sorted(ROOT.rglob("*.py")) if file != ADAPTER],
    ids=lambda file: str(file.relative_to(ROOT)),
)
def test_no_other_module_names_anything_private_of_the_sdk(file: Path) -> None:
    """So that another SDK is another text of one module."""
    assert set(named_in(file)) == set()
