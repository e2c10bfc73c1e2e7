"""The names and words that a wire report may print: any other text that LinkedIn sends is a value."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

WITHHELD = "*"
"""Stands for a name that may be a value."""

ENUMS: Mapping[str, frozenset[str]] = {
    name: frozenset(words.split())
    for name, words in {
        "entityStatus": "ACTIVE INACTIVE DELETED",
        "feedDistribution": "MAIN_FEED NONE",
        "lifecycleState": "DRAFT PUBLISHED PUBLISH_REQUESTED PUBLISH_FAILED PROCESSING",
        "organizationType": "PUBLIC_COMPANY EDUCATIONAL SELF_EMPLOYED GOVERNMENT_AGENCY NON_PROFIT SELF_OWNED "
        "PRIVATELY_HELD PARTNERSHIP",
        "primaryOrganizationType": "NONE SCHOOL BRAND",
        "reactionType": "LIKE PRAISE EMPATHY INTEREST APPRECIATION ENTERTAINMENT MAYBE",
        "staffCountRange": "SIZE_1 SIZE_2_TO_10 SIZE_11_TO_50 SIZE_51_TO_200 SIZE_201_TO_500 SIZE_501_TO_1000 "
        "SIZE_1001_TO_5000 SIZE_5001_TO_10000 SIZE_10001_OR_MORE",
        "timeGranularityType": "DAY MONTH ALL",
        "visibility": "PUBLIC CONNECTIONS LOGGED_IN CONTAINER",
    }.items()
}
"""The words of LinkedIn's enumerations that this release knows, by field; any other one is a new value."""

CODES = frozenset(
    {
        "ACCESS_DENIED",
        "EMPTY_ACCESS_TOKEN",
        "EXPIRED_ACCESS_TOKEN",
        "ILLEGAL_ARGUMENT",
        "INTERNAL_SERVER_ERROR",
        "INVALID_ACCESS_TOKEN",
        "NONEXISTENT_VERSION",
        "PARAM_INVALID",
        "QUERY_PARAM_NOT_ALLOWED",
        "RESOURCE_NOT_FOUND",
        "REVOKED_ACCESS_TOKEN",
        "TOO_MANY_REQUESTS",
        "VERSION_MISSING",
    }
)
"""LinkedIn's codes for errors."""

URN_TYPES = frozenset(
    {
        "activity",
        "article",
        "benefit",
        "businessManagerAccount",
        "comment",
        "company",
        "contentSeries",
        "country",
        "degree",
        "developerApplication",
        "digitalmediaAsset",
        "document",
        "event",
        "featuredCommitment",
        "fieldOfStudy",
        "fs_miniProfile",
        "function",
        "geo",
        "group",
        "groupPost",
        "image",
        "industry",
        "ingestedContent",
        "instantRepost",
        "leadGenForm",
        "leadGenFormResponse",
        "linkedInArticle",
        "liveVideo",
        "member",
        "messagingMessage",
        "messagingThread",
        "organization",
        "organizationBrand",
        "organizationCommitment",
        "organizationContentRevision",
        "organizationPhoto",
        "organizationProduct",
        "organizationTargetedContent",
        "organizationWorkplacePolicy",
        "organizationalPage",
        "person",
        "product",
        "productCategory",
        "reaction",
        "region",
        "school",
        "seniority",
        "service",
        "share",
        "skill",
        "sponsoredAccount",
        "sponsoredCampaign",
        "sponsoredCampaignGroup",
        "sponsoredCreative",
        "standardizedProductCategory",
        "superTitle",
        "title",
        "ugcPost",
        "versionedLeadGenForm",
        "video",
    }
)
"""The kinds of URNs."""

_GENERIC = (
    "active additional all any app archived available average avatar badge banner base before after body button "
    "category channel class clicks color comments config connection contact copy currency current cursor custom "
    "days deleted detail device digest display duration email enabled engagement error errors event expiry export "
    "extra file filter final flag flags followers format frequency full gender group header hidden hours icon "
    "impressions industry input internal interval item items job jobs join joined kind lang large latest left level "
    "limit link links list lists locales long map mapping medium mention mentions message min minutes months new "
    "next note notes old open option order origin other paging participants path percent period permission plan "
    "platform preview previous price priority product products progress project property public publish "
    "quality quantity queue quote rank rate ratio reactions reason recent recipient ref region related release "
    "removed replies reply report request result results rule sample scale schedule scope score search secondary "
    "section segment sender sent sequence service set shared shares short site size skill skills slug small sort space "
    "stage standard statuses stream sub subject subtitle success summary sync system tags target template theme "
    "thumb ticket times token topic total tracking translation trend unit units update user users "
    "valid values variant views visible visits week weekly year years"
)
"""Words of field names in any API."""

_NAME = re.compile(r"(?:\$[A-Z]|[a-z])[A-Za-z0-9]{0,59}")
_WORD = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|[0-9]+")


class Vocabulary:
    """The words of which a field's name is made; a name of other words may be a value.

    Args:
        names: of fields, columns and parameters that this release knows.
        words: of LinkedIn's enumerations that this release sends.
    """

    def __init__(self, names: Iterable[str], words: Iterable[str] = ()) -> None:
        self.enum_words = frozenset(words).union(*ENUMS.values())
        self._words = {*_GENERIC.split(), *(word for name in names for word in words_of(name))}

    def printable(self, name: str) -> str:
        """The name if each of its words is that of a field, else `*`.

        >>> vocabulary = Vocabulary(["publishedAt", "post"])
        >>> vocabulary.printable("postPublishedAt"), vocabulary.printable("Anna"), vocabulary.printable("urn:li:post:7")
        ('postPublishedAt', '*', '*')
        """
        return name if _NAME.fullmatch(name) and self._words.issuperset(words_of(name)) else WITHHELD


def words_of(name: str) -> list[str]:
    """The words of a name in any case.

    >>> words_of("industriesV2Total"), words_of("total_count")
    (['industries', 'v', '2', 'total'], ['total', 'count'])
    """
    return [word.lower() for word in _WORD.findall(name)]
