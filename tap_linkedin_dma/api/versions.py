"""The version of LinkedIn's API that requests name, and the search for another if LinkedIn no longer serves it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

NEWEST_VERSION = "202605"
"""The newest version of the DMA APIs that this release was checked with; a run uses it unless the user sets another."""

KNOWN_VERSIONS = (
    "202608",
    NEWEST_VERSION,
    "202604",
    "202511",
    "202508",
    "202505",
    "202502",
    "202411",
    "202408",
    "202405",
)
"""The months of the DMA APIs, newest first; the first is only known from the list of versions of the documentation.

Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
"""


_REPLACED = (
    "LinkedIn no longer serves version %s of its API, so this run uses %s. Upgrade tap-linkedin-dma, or set "
    "linkedin_version."
)


class ApiVersion:
    """The version that requests name.

    Args:
        chosen: by the user, or the only one of a product; None for the newest that this release was checked with,
            which another known version replaces once a run if LinkedIn does not serve it.
    """

    def __init__(self, chosen: str | None = None) -> None:
        self.current = chosen or NEWEST_VERSION
        self._may_change = chosen is None
        self._lock = threading.Lock()

    def replace(self, refused: str, is_served: Callable[[str], bool], logger: logging.Logger) -> bool:
        """Find a version that LinkedIn serves in place of one that it has refused to serve.

        Args:
            refused: the version that a request named.
            is_served: requests something that every version has. It may raise, and the next refusal searches anew.
            logger: logs the version that is used from now on.

        Returns:
            Whether `current` is another than the one refused, so that the request may be sent again.
        """
        with self._lock:
            if self._may_change and self.current == refused:
                # If it serves the version elsewhere, the refusal is about the resource.
                self.current = next(filter(is_served, (refused, *newest_first(refused))), refused)
                self._may_change = False
                if self.current != refused:
                    logger.warning(_REPLACED, refused, self.current)
        return self.current != refused


def newest_first(other_than: str) -> Sequence[str]:
    """All known versions except one.

    >>> newest_first("202608")[0], newest_first("202605")[0]
    ('202605', '202608')
    """
    return [version for version in KNOWN_VERSIONS if version != other_than]
