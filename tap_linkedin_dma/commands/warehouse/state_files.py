"""The tap's state in a file of the user's, as `meltano state get` prints it, changed for a subject or a setting."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from tap_linkedin_dma.api.errors import StateRejected
from tap_linkedin_dma.commands.warehouse.subjects import AFTER, Subject
from tap_linkedin_dma.state import recent_lookups
from tap_linkedin_dma.state.packing import pack, short_hash, unpack
from tap_linkedin_dma.state.saved_state import taken


def rewrite(file: Path, change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> None:
    """Change the state in a file, which is replaced as a whole.

    Raises:
        StateRejected: if it holds no state of the tap.
    """
    try:
        given = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        given = None
    if not isinstance(given, Mapping):
        raise StateRejected(f"{file} does not hold a JSON object. Name a file with the tap's state.")
    taken(given)
    new = file.with_name(f"{file.name}.new")
    new.write_text(json.dumps(_within(given, change), indent=2) + "\n", encoding="utf-8")
    new.replace(file)


def _within(given: Mapping[str, Any], change: Callable[[Mapping[str, Any]], Mapping[str, Any]]) -> Mapping[str, Any]:
    """The state changed, in the wrapper that Meltano or a STATE message has around it."""
    for wrapper in ("singer_state", "value"):
        if "bookmarks" not in given and isinstance(given.get(wrapper), Mapping):
            return {**given, wrapper: change(given[wrapper])}
    return change(given)


def without_subject(state: Mapping[str, Any], subject: Subject) -> dict[str, Any]:
    """A state without what it holds of a page or a person."""
    named = re.compile(f"(?:{subject.pattern}){AFTER}")
    found: dict[str, Any] = _without(state, named)
    if subject.is_person:
        numbers = {short_hash(subject.urn, key) for key in ("", *subject.hash_keys)}
        for kept in found["bookmarks"].values():
            for lot in chain.from_iterable(kept.get(name, []) for name in recent_lookups.NAMES):
                lot["urns"] = pack(one for one in unpack(lot["urns"]) if one not in numbers)
    return found


def _without(value: Any, named: re.Pattern[str]) -> Any:
    """A value without the names, texts and partitions that name the subject."""
    if isinstance(value, Mapping):
        return {name: _without(child, named) for name, child in value.items() if not named.search(name)}
    if isinstance(value, list):
        return [_without(item, named) for item in value if not _is_of(item, named)]
    return value


def _is_of(item: Any, named: re.Pattern[str]) -> bool:
    """Whether an item of a list is the subject, or a partition of the subject's."""
    if isinstance(item, str):
        return named.search(item) is not None
    context = item.get("context") if isinstance(item, Mapping) else None
    return isinstance(context, Mapping) and any(
        isinstance(value, str) and named.search(value) for value in context.values()
    )
