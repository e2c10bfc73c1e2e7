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
        description="Read pages with this token of an administrator. Its scope is r_dma_admin_pages_content. "
        "Instead of it, or as well, set client_id, client_secret and refresh_token.",
    ),
    th.Property(
        "client_id",
        th.StringType,
        secret=True,
        title="Client ID",
        description="Use the Client ID from the Auth tab of your LinkedIn app.",
    ),
    th.Property(
        "client_secret",
        th.StringType,
        secret=True,
        title="Client secret",
        description="Use the Client Secret from the Auth tab of your LinkedIn app.",
    ),
    th.Property(
        "refresh_token",
        th.StringType,
        secret=True,
        title="Refresh token",
        description="Get new access tokens with this one, if LinkedIn enabled your app. It needs client_id and "
        "client_secret.",
    ),
    th.Property(
        "token_file",
        th.StringType,
        title="Token file",
        description="Keep the token of `login`, and renewed ones, in this file. Only its owner can read it. "
        "Default: no file is written.",
    ),
    th.Property(
        "member_access_token",
        th.StringType,
        secret=True,
        title="Member access token",
        description="Read a member's own data too, with this token of that member. Its scope begins with "
        "r_dma_portability_. It adds the streams member_authorizations, member_snapshots and "
        "member_changelog.",
    ),
    th.Property(
        "snapshot_domains",
        th.ArrayType(th.StringType),
        default=[],
        title="Snapshot domains",
        description="Read only these domains of member_snapshots, such as PROFILE. Default: all except the "
        "sensitive ones.",
    ),
    th.Property(
        "sensitive_domains",
        th.BooleanType,
        default=False,
        hidden=True,
        title="Sensitive domains",
        description="Read the sensitive domains of member_snapshots too. These are messages, logins, contacts, "
        "job applications, receipts, searches and the like. If snapshot_domains is set, only that counts.",
    ),
    th.Property(
        "organizations",
        th.ArrayType(th.CustomType({"type": ["string", "integer"]})),
        default=[],
        title="Organizations",
        description="Read only these organizations, such as 42 or urn:li:organization:42. Default: all that the "
        "token's member administers.",
    ),
    th.Property(
        "start_date",
        th.DateTimeType,
        title="Start date",
        description="Read nothing older than this date. Default: all posts, 360 days of analytics.",
    ),
    th.Property(
        "linkedin_version",
        th.StringType(pattern="^[0-9]{6}$"),
        title="LinkedIn version",
        description=f"Use this version of the DMA APIs, YYYYMM. Default: {NEWEST_VERSION} or, if LinkedIn no longer "
        "serves it, the newest other one that this release knows.",
    ),
    th.Property(
        "api_url",
        th.StringType,
        default="https://api.linkedin.com",
        title="API URL",
        description="Send requests, with the token, to this address and no other.",
    ),
    th.Property(
        "oauth_url",
        th.StringType,
        default="https://www.linkedin.com/oauth/v2",
        hidden=True,
        title="OAuth URL",
        description="Get tokens, with the client secret, from this address and no other.",
    ),
    th.Property(
        "user_agent",
        th.StringType,
        default="tap-linkedin-dma",
        hidden=True,
        title="User agent",
        description="Send this User-Agent header to LinkedIn.",
    ),
    th.Property(
        "locale",
        th.StringType(pattern="^[a-z]{2,3}_[A-Z]{2}$"),
        default="en_US",
        title="Locale",
        description="Prefer this language for names and descriptions, such as de_DE.",
    ),
    th.Property(
        "request_intervals",
        th.ObjectType(additional_properties=th.CustomType(_INTERVAL)),
        default=INTERVALS,
        title="Request intervals",
        description="Wait this many seconds between two requests, by resource. `auto` is 1 second and, if LinkedIn "
        "throttles, 60 for a day. Resources that are not named keep their default.",
    ),
    th.Property(
        "pace_file",
        th.StringType,
        title="Pace file",
        description="Share LinkedIn's limits with other runs that name this file. They are the runs on this machine "
        "that use the same app, known by its client_id. Default: each run keeps to the limits by itself.",
    ),
    th.Property(
        "max_concurrency",
        th.IntegerType(minimum=1, maximum=100),
        default=4,
        title="Max concurrency",
        description="Make at most this many requests at once, over all resources.",
    ),
    th.Property(
        "request_timeout",
        th.NumberType(exclusive_minimum=0, maximum=_A_DAY_S),
        default=60,
        title="Request timeout",
        description="Stop waiting for an answer after this many seconds of silence. The request is then tried again.",
    ),
    th.Property(
        "max_tries",
        th.IntegerType(minimum=1, maximum=1000),
        default=8,
        title="Max tries",
        description="Try a failing request at most this many times. A request that LinkedIn answers with its own "
        "error, or with nonsense, is tried at most four times.",
    ),
    th.Property(
        "longest_wait",
        th.NumberType(minimum=0, maximum=_A_DAY_S),
        default=900,
        hidden=True,
        title="Longest wait",
        description="Wait at most this many seconds before trying a request again. `Retry-After` is honoured up to "
        "this.",
    ),
    th.Property(
        "run_for",
        th.IntegerType(minimum=1, maximum=_A_DAY_S // 60),
        title="Run for",
        description="End the run after this many minutes. The next run begins with what is left. Default: no end.",
    ),
    th.Property(
        "analytics_lookback_days",
        th.IntegerType(minimum=3, maximum=_A_LIFE_DAYS),
        default=7,
        title="Analytics look-back",
        description="Read analytics again for this many days before the bookmark. LinkedIn's figures arrive late.",
    ),
    th.Property(
        "post_analytics_schedule",
        th.StringType(allowed_values=["by_age", "off"]),
        default="by_age",
        title="Post analytics schedule",
        description="Read the analytics of older posts less often, or of all on every run. `by_age`: every run up to "
        "28 days of age, weekly up to 90, then every four weeks, and at once if the counts have changed; a request "
        "reads all days since the last. `off`: a request for each post on every run.",
    ),
    th.Property(
        "engagement_window_days",
        th.IntegerType(minimum=2, maximum=_A_LIFE_DAYS),
        default=365,
        title="Engagement window",
        description="Follow a post this many days: edits, comments, reactions, analytics. Nothing new is read "
        "about older posts.",
    ),
    th.Property(
        "repost_window_days",
        th.IntegerType(minimum=1, maximum=_A_LIFE_DAYS),
        default=30,
        title="Repost window",
        description="Look for reshares and reposts of a post for this many days. It counts if reshares or "
        "post_instant_reposts is selected: each run then makes a call a minute for every such post.",
    ),
    th.Property(
        "lookup_refresh_days",
        th.IntegerType(minimum=0, maximum=_A_LIFE_DAYS),
        default=30,
        hidden=True,
        title="Lookup refresh",
        description="Look up a person, place or other entity again after this many days.",
    ),
    th.Property(
        "member_data",
        th.StringType(allowed_values=["include", "hash", "omit"]),
        default="include",
        title="Member data",
        description="Include, hash or omit what identifies a person or comes from one. `hash` needs "
        "member_hash_key; the same person has the same hash in every stream.",
    ),
    th.Property(
        "member_hash_key",
        th.StringType,
        secret=True,
        title="Member hash key",
        description="Hash with this key, which never changes. It is a random text of at least 32 characters, needed if "
        "member_data is hash.",
    ),
    th.Property(
        "forget_members",
        th.ArrayType(th.StringType(pattern="^\\s*[0-9a-fA-F]{64}\\s*$")),
        default=[],
        title="Forget members",
        description="Keep these erased members out. The values are those that `tap-linkedin-dma erase --member` "
        "prints. Their rows do not leave, and other rows leave without them, whatever member_data is.",
    ),
    th.Property(
        "drop_unsure_locations",
        th.BooleanType,
        default=False,
        title="Drop unsure locations",
        description="Also drop what might be Bing Maps data. That is the addresses of events and organizations, "
        "and place URNs except in keys.",
    ),
    th.Property(
        "geo_names",
        th.BooleanType,
        default=False,
        hidden=True,
        title="Geo names",
        description="Let geos have the names of places. They are Bing Maps data, which LinkedIn's terms do not let "
        "you store.",
    ),
    th.Property(
        "allow_mixed_scopes",
        th.BooleanType,
        default=False,
        hidden=True,
        title="Allow mixed scopes",
        description="Accept a token that has scopes of LinkedIn's marketing products too. LinkedIn's terms do not let "
        "you combine their data with this.",
    ),
    th.Property(
        "fail_on_skip",
        th.BooleanType,
        default=False,
        title="Fail on skip",
        description="End the run with an error if anything was skipped. A page whose role was revoked is, for "
        "instance. Everything else is read first.",
    ),
    th.Property(
        "emit_activate_version_messages",
        th.BooleanType,
        default=True,
        title="Activate versions",
        description="Let targets remove rows that LinkedIn no longer has. Turn it off if several runs fill the "
        "same tables.",
    ),
    th.Property(
        "stream_options",
        th.ObjectType(additional_properties=th.ObjectType(additional_properties=True)),
        default={},
        title="Stream options",
        description="Change the request parameters or the page_size of a stream. The keys are stream names; null "
        "leaves a parameter out.",
    ),
    th.Property(
        "batch_config",
        th.ObjectType(
            th.Property(
                "encoding",
                th.ObjectType(
                    th.Property("format", th.StringType(allowed_values=["jsonl"])),
                    th.Property("compression", th.StringType(allowed_values=["gzip", "none"])),
                ),
            ),
            th.Property(
                "storage",
                th.ObjectType(
                    th.Property("root", th.StringType), th.Property("prefix", th.StringType(pattern="^[^/]*$"))
                ),
            ),
            th.Property("batch_size", th.IntegerType(minimum=1)),
        ),
        title="Batch config",
        description="Write large streams into files, for targets that read BATCH messages. target-postgres does, and "
        "needs less than half of the time; target-jsonl would skip the rows. The files are in the folder storage.root.",
    ),
    th.Property(
        "run_report",
        th.StringType,
        title="Run report",
        description="Write how the run went to this JSON file. It has the outcome, calls and rows, and what was left "
        "out and why, for whatever starts the runs.",
    ),
    th.Property(
        "wire_report",
        th.StringType,
        title="Wire report",
        description="Write the form of LinkedIn's answers to this file. It has names and types, and no value; "
        "`doctor --from-run` takes it, and Markdown is written beside it.",
    ),
).to_dict()
