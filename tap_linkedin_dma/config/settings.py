"""The settings of the tap, as JSON schema."""

from __future__ import annotations

from typing import Any

from singer_sdk import typing as th

from tap_linkedin_dma.api.versions import NEWEST_VERSION

INTERVALS = {
    "dmaOrganizationalPageFollows": 60,
    "dmaFeedContentsExternal": "auto",
    "dmaOrganizationalPageContentAnalytics": 2.5,
    "dmaOrganizationalPageEdgeAnalytics": 2.5,
}
"""Seconds between the starts of two requests, by resource, unless the settings say otherwise."""


_LOCALES = """
    ar_AE bn_IN cs_CZ da_DK de_DE el_GR en_US es_ES fa_IR fi_FI fr_FR he_IL hi_IN hu_HU id_ID in_ID it_IT iw_IL ja_JP
    ko_KR mr_IN ms_MY nl_NL no_NO pa_IN pl_PL pt_BR ro_RO ru_RU sv_SE te_IN th_TH tl_PH tr_TR uk_UA vi_VN zh_CN zh_TW
"""
LOCALES = frozenset(_LOCALES.split())
"""The languages of LinkedIn's site; for any other, its API silently answers in English."""

_A_DAY_S = 24 * 60 * 60
_A_LIFE_DAYS = 100 * 365
"""Longer than LinkedIn has existed; much more is beyond the calendar."""

_INTERVAL = {"anyOf": [{"type": "number", "minimum": 0, "maximum": _A_DAY_S}, {"const": "auto"}]}

SCHEMA: dict[str, Any] = th.PropertiesList(
    th.Property(
        "access_token",
        th.StringType,
        secret=True,
        title="Access token",
        description="A member's token with the scope r_dma_admin_pages_content. Instead of it, or beside it: "
        "client_id, client_secret and refresh_token.",
    ),
    th.Property("client_id", th.StringType, secret=True, title="Client ID", description="Of your LinkedIn app."),
    th.Property(
        "client_secret", th.StringType, secret=True, title="Client secret", description="Of your LinkedIn app."
    ),
    th.Property(
        "refresh_token",
        th.StringType,
        secret=True,
        title="Refresh token",
        description="Gets new access tokens, for apps that LinkedIn has enabled for it.",
    ),
    th.Property(
        "token_file",
        th.StringType,
        title="Token file",
        description="Path of a file that keeps renewed tokens from one run to the next, readable by its owner alone. "
        "Unset means that none is written.",
    ),
    th.Property(
        "member_access_token",
        th.StringType,
        secret=True,
        title="Member access token",
        description="A member's token with a scope that begins with r_dma_portability_, for that member's own data: "
        "it adds the streams member_authorizations, member_snapshots and member_changelog.",
    ),
    th.Property(
        "snapshot_domains",
        th.ArrayType(th.StringType),
        default=[],
        title="Snapshot domains",
        description="Domains of member_snapshots to read one by one, such as PROFILE. Empty means all there are, but "
        "for the sensitive ones.",
    ),
    th.Property(
        "sensitive_domains",
        th.BooleanType,
        default=False,
        hidden=True,
        title="Sensitive domains",
        description="Whether member_snapshots has the sensitive domains too where snapshot_domains is empty: messages, "
        "logins, contacts, job applications, receipts, searches and the like.",
    ),
    th.Property(
        "organizations",
        th.ArrayType(th.CustomType({"type": ["string", "integer"]})),
        default=[],
        title="Organizations",
        description="Organizations to read: numbers, or URNs such as urn:li:organization:42. Empty means every "
        "organization that the token's member administers.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="Earliest posts and analytics to read. Unset means all posts, and analytics of the last 360 days.",
    ),
    th.Property(
        "linkedin_version",
        th.StringType(pattern="^[0-9]{6}$"),
        title="LinkedIn version",
        description=f"Version of the DMA APIs, YYYYMM. Default: {NEWEST_VERSION}, or the newest other version known to "
        "this release if LinkedIn no longer serves it.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default="https://api.linkedin.com",
        title="API URL",
        description="Where LinkedIn's API is; the token goes nowhere else.",
    ),
    th.Property(
        "oauth_url",
        th.StringType,
        default="https://www.linkedin.com/oauth/v2",
        hidden=True,
        title="OAuth URL",
        description="Where LinkedIn's token endpoint is; the client secret goes nowhere else.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        default="tap-linkedin-dma",
        hidden=True,
        title="User agent",
        description="How the tap names itself to LinkedIn.",
    ),
    th.Property(
        "locale",
        th.StringType(pattern="^[a-z]{2,3}_[A-Z]{2}$"),
        default="en_US",
        title="Locale",
        description="The language of names and descriptions where LinkedIn has several.",
    ),
    th.Property(
        "request_intervals",
        th.ObjectType(additional_properties=th.CustomType(_INTERVAL)),
        default=INTERVALS,
        title="Request intervals",
        description="Seconds between the starts of two requests, by resource; `auto` begins with one second and goes "
        "on with 60, for a day, where LinkedIn throttles. Resources that are not named keep their default.",
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(minimum=1, maximum=100),
        default=4,
        title="Max concurrency",
        description="Requests under way at once, over all resources.",
    ),
    th.Property(
        "request_timeout",
        th.NumberType(exclusive_minimum=0, maximum=_A_DAY_S),
        default=60,
        title="Request timeout",
        description="Seconds that LinkedIn may be silent before a request counts as not answered.",
    ),
    th.Property(
        "max_tries",
        th.IntegerType(minimum=1, maximum=1000),
        default=8,
        title="Max tries",
        description="Tries of a request that LinkedIn throttles or does not answer; at most four of one that it "
        "answers with its own error or with nonsense, which may be so for good.",
    ),
    th.Property(
        "longest_wait",
        th.NumberType(minimum=0, maximum=_A_DAY_S),
        default=900,
        hidden=True,
        title="Longest wait",
        description="Seconds between two tries of a request at most. Waits grow up to this, and LinkedIn's own "
        "word on how long to wait counts up to this.",
    ),
    th.Property(
        "analytics_lookback_days",
        th.IntegerType(minimum=3, maximum=_A_LIFE_DAYS),
        default=7,
        title="Analytics look-back",
        description="Days before the bookmark that analytics are read again for, since LinkedIn's data are late.",
    ),
    th.Property(
        "engagement_window_days",
        th.IntegerType(minimum=2, maximum=_A_LIFE_DAYS),
        default=365,
        title="Engagement window",
        description="How old, in days, a post may be for its edits, comments and reactions to be looked for.",
    ),
    th.Property(
        "repost_window_days",
        th.IntegerType(minimum=1, maximum=_A_LIFE_DAYS),
        default=30,
        title="Repost window",
        description="How old, in days, a post may be for its reshares and reposts to be looked for, where "
        "reshares or post_instant_reposts are selected: each run makes a call a minute for every such post.",
    ),
    th.Property(
        "lookup_refresh_days",
        th.IntegerType(minimum=0, maximum=_A_LIFE_DAYS),
        default=30,
        hidden=True,
        title="Lookup refresh",
        description="Days for which a person, place or other entity that was looked up is not asked for again.",
    ),
    th.Property(
        "member_data",
        th.StringType(allowed_values=["include", "hash", "omit"]),
        default="include",
        title="Member data",
        description="What becomes of what identifies a person or comes from one: include it, hash it with "
        "member_hash_key (the same person has the same hash in every stream), or omit it.",
    ),
    th.Property(
        "member_hash_key",
        th.StringType,
        secret=True,
        title="Member hash key",
        description="The key of the hashes where member_data is hash: a random text of your own of at least 32 "
        "characters, always the same.",
    ),
    th.Property(
        "forget_members",
        th.ArrayType(th.StringType(pattern="^\\s*[0-9a-fA-F]{64}\\s*$")),
        default=[],
        title="Forget members",
        description="Members who were erased: the values that `tap-linkedin-dma erase --member` prints. Their rows "
        "are not emitted, and in other rows they are left out, whatever member_data says.",
    ),
    th.Property(
        "drop_unsure_locations",
        th.BooleanType,
        default=False,
        title="Drop unsure locations",
        description="Whether to leave out what may be Bing Maps data too: addresses of events and organizations, and "
        "the URNs of places but in keys.",
    ),
    th.Property(
        "geo_names",
        th.BooleanType,
        default=False,
        hidden=True,
        title="Geo names",
        description="Whether geos has the names of places, which are Bing Maps data: LinkedIn's terms forbid to store "
        "them.",
    ),
    th.Property(
        "allow_mixed_scopes",
        th.BooleanType,
        default=False,
        hidden=True,
        title="Allow mixed scopes",
        description="Whether to go on with a token that has scopes of LinkedIn's marketing products too: LinkedIn's "
        "terms forbid to combine their data with these.",
    ),
    th.Property(
        "fail_on_skip",
        th.BooleanType,
        default=False,
        title="Fail on skip",
        description="Whether a run that had to leave anything out, such as an organization whose role was revoked, "
        "ends with an error, after all else was read.",
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=True,
        title="Activate versions",
        description="Whether a target is told when a table was read whole, so that it may remove the rows that "
        "LinkedIn no longer has. Turn it off where several runs fill the same tables.",
    ),
    th.Property(
        "stream_options",
        th.ObjectType(additional_properties=th.ObjectType(additional_properties=True)),
        default={},
        title="Stream options",
        description="By stream name: request parameters to send otherwise, null to leave one out, and page_size.",
    ),
).to_dict()
