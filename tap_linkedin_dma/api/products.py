"""LinkedIn's two products for portability: pages, and a member's own data."""

from __future__ import annotations

from dataclasses import dataclass

from tap_linkedin_dma.api.errors import LOG_IN


@dataclass(frozen=True)
class Product:
    """The token and scopes that one product needs.

    Args:
        setting: the one that holds its token.
        scope: the scope that a login asks for.
        scopes: the beginning of each of its scopes.
        log_in: how to get a new token: a sentence without its full stop.
        access: the requirements for reading it: sentences.
        refused: these, and what to conclude if they are met: sentences for a refusal.
    """

    setting: str
    scope: str
    scopes: str
    log_in: str
    access: str
    refused: str


_PAGES_ACCESS = (
    "The token needs the scope r_dma_admin_pages_content, and its member the ADMINISTRATOR role on the page."
)
_MEMBER_ACCESS = (
    "The setting member_access_token needs a token with a scope that begins with r_dma_portability_, of an app that "
    "has LinkedIn's product for it."
)

PAGES = Product(
    setting="access_token",
    scope="r_dma_admin_pages_content",
    scopes="r_dma_admin_pages_content",
    log_in=LOG_IN,
    access=_PAGES_ACCESS,
    refused=f"{_PAGES_ACCESS} If tap-linkedin-dma doctor finds both OK, LinkedIn does not show it to this app: "
    "deselect the stream.",
)
MEMBER = Product(
    setting="member_access_token",
    scope="r_dma_portability_self_serve",
    scopes="r_dma_portability_",
    log_in="Log in again (tap-linkedin-dma login --member)",
    access=_MEMBER_ACCESS,
    refused=f"{_MEMBER_ACCESS} If it has one, LinkedIn does not show it to this app: deselect the stream.",
)


def product_of(resource: str) -> Product:
    """The product that a resource belongs to, by the resource's name in the URL."""
    return MEMBER if resource.startswith("member") else PAGES
