"""Counting refusals: after a few of them and no answer, LinkedIn is taken to show nothing of an organization."""

from __future__ import annotations

from collections import Counter

from tap_linkedin_dma.api.errors import AccessDenied, DmaError


class RefusalCounter:
    """Counts LinkedIn's refusals for organizations that are read in parts.

    Args:
        most: refusals before any answer after which an organization is given up; None to ask about each part.
    """

    def __init__(self, most: int | None) -> None:
        self._most = most
        self._answered: set[str] = set()
        self._refused_first: Counter[str] = Counter()

    @property
    def has_answers(self) -> bool:
        """Whether LinkedIn has answered anything about any organization."""
        return bool(self._answered)

    def has_answered(self, organization: str) -> bool:
        """Whether LinkedIn has answered anything about this organization."""
        return organization in self._answered

    def note_answer(self, organization: str) -> None:
        """Note that LinkedIn shows something of an organization."""
        self._answered.add(organization)

    def sentence(self, organization: str, refusal: DmaError, others: str) -> str:
        """The reason for a refusal: not the token or the role, if LinkedIn shows others of the same kind.

        Args:
            organization: whose it is.
            refusal: LinkedIn's.
            others: the word for them, in the plural.
        """
        if isinstance(refusal, AccessDenied) and self.has_answered(organization):
            why = f"It shows other {others}, so the token and the role are right."
            return f"LinkedIn refused {refusal.refused} (403). {why}"
        return str(refusal)

    def is_enough(self, organization: str) -> bool:
        """Count a refusal; returns whether it is the one after which the organization is given up."""
        self._refused_first[organization] += organization not in self._answered
        return self._refused_first[organization] == self._most
