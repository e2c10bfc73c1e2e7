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
FIRST_CHILD = 90420000


def places(organization: Organization, company: int, other: int = 2) -> range:
    """Room for as many records: `company` of the company's, `other` of every other organization's."""
    return range(company if organization is COMPANY else other)


def children(parent: Organization) -> list[Organization]:
    """The organizations below one: of the company's, the showcase page is the first."""
    first = FIRST_CHILD + parent.number % 1000 * 20
    made = [
        Organization(
            first + place, parent.page + 5000 + place, f"{parent.name} {place}", f"murmel-{first + place}", "NONE"
        )
        for place in places(parent, 11)
    ]
    return [SHOWCASE, *made] if parent is COMPANY else made
