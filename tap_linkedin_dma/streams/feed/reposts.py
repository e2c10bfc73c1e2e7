"""Reposts and reshares: by organizations, and of their posts."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import (
    AUDIT,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    TEXT,
    URN,
    audit_columns,
    columns,
    key,
)
from tap_linkedin_dma.streams.feed.listings import LISTED_AT
from tap_linkedin_dma.streams.feed.post_rows import POST_COLUMNS, PostRows, with_member_class
from tap_linkedin_dma.streams.feed.posts import Posts
from tap_linkedin_dma.streams.feed.repost_listings import InstantRepostRows, RepostsByOrganizations, RepostsOfPosts
from tap_linkedin_dma.streams.organizations import Organizations

_INSTANT_REPOST_COLUMNS = (
    key("urn", URN, description="The repost; its number tells when it was made."),
    th.Property("organization", URN),
    th.Property("id", TEXT),
    th.Property("reposted_content", URN, description="The original; from the URN where LinkedIn does not say."),
    th.Property("author", PERSON),
    *audit_columns(),
)


class InstantReposts(InstantRepostRows, RepostsByOrganizations):
    """What an organization reposted without text of its own.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "instant_reposts"
    finder = "repostsByReposter"
    params = {"reposter": "{organization}"}
    resource = "dmaInstantReposts"
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("urn",)
    urn_types = ("instantRepost",)
    key_column = "urn"
    emit_unhydrated = True
    field_paths = AUDIT
    schema = columns(*_INSTANT_REPOST_COLUMNS)


class PostInstantReposts(InstantRepostRows, RepostsOfPosts):
    """Reposts of each post without text of their own, as far as the post is young; one paced call a post.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/pages-data-portability-overview
    """

    name = "post_instant_reposts"
    finder = "repostsFromEntity"
    params = {"entity": "{entity}"}
    resource = "dmaInstantReposts"
    evidence = "observed"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("urn",)
    urn_types = ("instantRepost",)
    key_column = "urn"
    emit_unhydrated = True
    field_paths = AUDIT
    visibility_columns = ("author", "actor")
    schema = columns(*_INSTANT_REPOST_COLUMNS, th.Property("post", URN), LISTED_AT, MEMBER_VISIBILITY)


class Reshares(PostRows, RepostsOfPosts):
    """Reshares of each post with text of their own, as far as the post is young; one paced call a post.

    LinkedIn may refuse to show reshares by others.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/content/posts
    """

    name = "reshares"
    finder = "resharesFromEntity"
    params = {"entity": "{entity}"}
    resource = "dmaPosts"
    batch_params = {"viewContext": "READER"}
    evidence = "observed"
    parent_stream_type = Posts
    selected_by_default = False
    primary_keys = ("post", "id")
    urn_types = ("share", "ugcPost", "groupPost")
    key_column = "id"
    schema = columns(
        key("post", URN),
        key("id", URN),
        th.Property("organization", URN),
        *with_member_class(POST_COLUMNS),
        LISTED_AT,
        others=OTHERS_OF_MEMBER,
    )
