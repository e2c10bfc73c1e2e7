"""Lead generation: forms, the answers members sent through them, and figures on both."""

from __future__ import annotations

from typing import Any

from ..forms import RANGE, Enum, Record, Urn, Wrapped
from ..methods import Call, Finder, Resource
from ..paging import LINKS_ONLY, Listing, Offset
from ..world.lead_forms import lead_forms
from ..world.leads import LEADS, lead_figures, leads
from .owned import ORGANIZATION, PAGE, administered, check_days, others, owned

FORM_OWNERS = (ORGANIZATION, Wrapped("organization", ORGANIZATION), PAGE)
LEAD_OWNERS = (Wrapped("organization", ORGANIZATION), ORGANIZATION, PAGE)
SPONSORED = "SPONSORED"
LEAD_TYPE = Enum(*LEADS, SPONSORED)
INTERVALS = Record({"timeRange": RANGE, "timeGranularityType": Enum("DAY")})


def responses(call: Call) -> Listing:
    """Leads of the type asked for, or of all; the time of submission from the start of the range to before its end."""
    organization, kind = administered(call, call["owner"]), call.get("leadType")
    if kind == SPONSORED:
        raise call.denied()
    rows = [row for known in LEADS if kind in (None, known) for row in leads(organization, call.world, known)]
    return Listing([row for row in rows if wanted(call, row)], dict)


def wanted(call: Call, row: dict[str, Any]) -> bool:
    """Whether a lead passes what was asked for."""
    asked, form = call.get("submittedAtTimeRange"), call.get("versionedLeadGenFormUrn")
    in_range = asked is None or asked["start"] <= row["submittedAt"] < asked["end"]
    is_test = call.get("limitedToTestLeads") != "true" or row["testLead"]
    return in_range and is_test and form in (None, row["versionedLeadGenFormUrn"])


def figures(call: Call) -> Listing:
    """Figures on leads by day; without an interval, those of all the page's life."""
    organization = administered(call, call["owner"])
    asked = call.get("timeIntervals") or {}
    # Where the world takes a bare range in its place, that is what comes.
    window = asked.get("timeRange", asked) or {"start": 0, "end": call.world.today_ms}
    check_days("timeIntervals.timeRange", window)
    return Listing(lead_figures(organization, call.world, window["start"], window["end"]), dict)


RESOURCES = (
    Resource("dmaLeadGenForm", (owned("owner", FORM_OWNERS, lead_forms, paging=Offset(50)),)),
    Resource(
        "dmaLeadGenFormResponse",
        (
            Finder(
                "owner",
                {"owner": LEAD_OWNERS[0], "leadType": Wrapped("leadType", LEAD_TYPE)},
                responses,
                may_take={
                    "limitedToTestLeads": Enum("true", "false"),
                    "submittedAtTimeRange": RANGE,
                    "versionedLeadGenFormUrn": Urn("versionedLeadGenForm"),
                },
                paging=Offset(1000),
                others={
                    **others("owner", LEAD_OWNERS),
                    "leadType": (("leadType", LEAD_TYPE), None),
                    "limitedToTestLeads": (None,),
                    "submittedAtTimeRange": (None,),
                },
            ),
        ),
    ),
    Resource(
        "dmaLeadAnalytics",
        (
            Finder(
                "owner",
                {"owner": ORGANIZATION},
                figures,
                may_take={"timeIntervals": INTERVALS},
                paging=LINKS_ONLY,
                others={
                    **others("owner", FORM_OWNERS),
                    "timeIntervals": (
                        ("timeIntervals", Wrapped("timeRange", RANGE)),
                        ("timeRange", RANGE),
                        None,
                    ),
                },
            ),
        ),
        since="202511",
        refuses_older=True,
    ),
)
