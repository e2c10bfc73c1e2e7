"""Scopes of a token, and those that LinkedIn's terms forbid combining."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tap_linkedin_dma.api.errors import MixedScopes

_COMMUNITY_MANAGEMENT = re.compile(
    r"(r|w|rw)_organization_\w+|r_member_social|[rw]_member_social_feed|r_member_(post|profile)Analytics"
    r"|r_1st_connections_size|r_basicprofile|(r|rw)_ads\w*"
)
"""Of this product, and of the Marketing APIs beside it, which its apps have too."""


def reject_mixed_scopes(scope: str | None, config: Mapping[str, Any]) -> None:
    """Refuse a token that also reads data of LinkedIn's marketing products, unless the settings allow it.

    Args:
        scope: as LinkedIn gives it, names separated by spaces or commas; None if it gives none.
        config: the tap's settings.

    Raises:
        MixedScopes: if it is refused; the sentence names the scopes.
    """
    mixed = [name for name in re.split(r"[\s,]+", scope or "") if _COMMUNITY_MANAGEMENT.fullmatch(name)]
    if mixed and not config.get("allow_mixed_scopes"):
        msg = (
            f"The access token has {' and '.join(mixed)}, of LinkedIn's marketing products. LinkedIn's "
            "Portability API Terms, 2.2.3, do not let you combine their data with this. Log in to an app that has only "
            "the portability scopes, or set allow_mixed_scopes if you may combine them."
        )
        raise MixedScopes(msg)
