"""Every stream, in the order they are read: the table of contents."""

from tap_linkedin_dma.stream import PagedStream
from tap_linkedin_dma.streams import analytics, feed, identity, pages, settings

STREAMS: tuple[type[PagedStream], ...] = (
    identity.Me,
    settings.MyOrganizationAcls,
    pages.Organizations,
    pages.PageProfiles,
    feed.Posts,
    feed.SocialMetadata,
    feed.Comments,
    feed.Reactions,
    analytics.PostContentTrend,
    analytics.PageContentTrend,
    analytics.FollowerTrend,
    analytics.VisitorTrend,
    analytics.FollowerDemographics,
    analytics.VisitorDemographics,
    pages.Followers,
    pages.Following,
)
