"""Names in the settings that nothing has, and the nearest ones that there are."""

from __future__ import annotations

import difflib
from collections.abc import Collection, Iterable, Iterator

NARROWING = frozenset(
    {
        *("organizations", "start_date", "snapshot_domains", "engagement_window_days", "repost_window_days"),
        *("member_data", "forget_members", "drop_unsure_locations", "stream_maps", "emit_activate_version_messages"),
    }
)
"""Settings that limit what is read, what leaves the tap, or which rows a target removes."""

_SHORTEST_STEM = 3


def unknown_settings(given: Iterable[str], known: Collection[str], *, narrowing: bool) -> Iterator[str]:
    """A sentence for each unknown setting.

    Args:
        given: the names in the settings.
        known: the names that there are.
        narrowing: whether to yield those that seem to stand for one of `NARROWING`, or the others.
    """
    for name in given:
        if name not in known and (nearest(name, known) in NARROWING) == narrowing:
            yield unknown("setting", name, known)


def unknown(kind: str, name: str, known: Collection[str]) -> str:
    """A sentence on a name that nothing has.

    >>> unknown("setting", "organisations", ["locale", "organizations"])
    'Unknown setting organisations. Did you mean organizations?'
    >>> unknown("setting", "colour", ["locale"])
    'Unknown setting colour. Correct its name, or remove it.'
    """
    near = nearest(name, known)
    # A name may hold anything, a line break or half of a character too.
    return f"Unknown {kind} {ascii(name)[1:-1]}. " + (
        f"Did you mean {near}?" if near else "Correct its name, or remove it."
    )


def nearest(name: str, known: Collection[str]) -> str | None:
    """The known name most like another, or that it abbreviates, whatever its case and hyphens; None for none.

    >>> nearest("Organisation", ["locale", "organizations"]), nearest("orgs", ["locale", "organizations"])
    ('organizations', 'organizations')
    """
    plain = {_plain(one): one for one in known}
    if found := difflib.get_close_matches(_plain(name), plain, n=1):
        return plain[found[0]]
    stem = _plain(name).rstrip("s")
    longer = [one for one in plain if one.startswith(stem)] if len(stem) >= _SHORTEST_STEM else []
    return plain[longer[0]] if len(longer) == 1 else None


def _plain(name: str) -> str:
    return name.lower().replace("-", "_")
