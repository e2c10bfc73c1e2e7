"""The invented organizations: one company, its showcase page, and one that the member does not administer."""

from __future__ import annotations

from dataclasses import dataclass

DAY_MS = 86_400_000
PAGE_AGE_DAYS = 440


@dataclass(frozen=True)
class Organization:
    """`number` names the organization, `page` its page; the two differ, and `page_known` says if the entity tells."""

    number: int
    page: int
    name: str
    vanity: str
    kind: str
    administered: bool = True
    page_known: bool = True

    @property
    def urn(self) -> str:
        return f"urn:li:organization:{self.number}"

    @property
    def page_urn(self) -> str:
        return f"urn:li:organizationalPage:{self.page}"


COMPANY = Organization(90417283, 61552904, "Murmel Pumps", "murmel-pumps", "PRIVATELY_HELD")
SHOWCASE = Organization(90417391, 61553118, "Murmel Open Hardware", "murmel-open", "NON_PROFIT", page_known=False)
STRANGER = Organization(90419977, 61557743, "Someone Else", "someone-else", "PUBLIC_COMPANY", administered=False)
ORGANIZATIONS = (COMPANY, SHOWCASE, STRANGER)
PARTNER_PAGE = 61559001
