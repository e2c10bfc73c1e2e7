"""Counting refusals: a few before any answer mean that LinkedIn shows nothing of an organization."""

from __future__ import annotations

from collections import Counter


class RefusalCounter:
    """What LinkedIn has refused of organizations that are asked about in parts.

    Args:
        most: refusals before any answer that mean that nothing is shown; None asks about each part.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._answered: set[str] = set()
        self._refused_first: Counter[str] = Counter()

    @property
    def has_answers(self) -> bool:
        """Whether LinkedIn has answered anything about any organization."""
        return bool(self._answered)

    def note_answer(self, organization: str) -> None:
        """Take note that LinkedIn shows something of an organization."""
        self._answered.add(organization)

    def is_enough(self, organization: str) -> bool:
        """Count a refusal; whether it means that nothing of the organization is shown."""
        self._refused_first[organization] += organization not in self._answered
        return self._refused_first[organization] == self._most
