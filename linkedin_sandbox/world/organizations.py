"""The invented organizations: a company, its showcase page, as many more as asked for, and one that is a stranger's."""

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
PARTNER_PAGE = 61559001
FIRST_CHILD = 90420000
FIRST_FURTHER, FIRST_FURTHER_PAGE, PAGES_APART = 90500400, 61600000, 97
MOST_ORGANIZATIONS = 500


def organizations(count: int) -> tuple[Organization, ...]:
    """So many that the member administers, the company first, and after them the stranger."""
    further = (
        Organization(
            FIRST_FURTHER + place,
            FIRST_FURTHER_PAGE + PAGES_APART * place,
            f"Murmel Workshop {place + 1}",
            f"murmel-workshop-{place + 1}",
            "PRIVATELY_HELD",
        )
        for place in range(count - 2)
    )
    return (*(COMPANY, SHOWCASE)[:count], *further, STRANGER)


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
