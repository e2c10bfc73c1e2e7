"""What exists in the world, for a test to compare with what a reader got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .events import events
from .feed import Repost
from .follows import Followers
from .leads import LEADS, leads
from .messaging import THREADS, messages, thread_urn
from .organizations import COMPANY, SHOWCASE, Organization, places
from .posts import Post
from .publishing import SERIES, series_urn, subscribers
from .threads import Comment, Reaction

if TYPE_CHECKING:
    from . import World


class Truth:
    """Everything the world holds that a reader with the member's role can see; made when asked for."""

    def __init__(self, world: World) -> None:
        self._world = world

    @property
    def organizations(self) -> list[Organization]:
        """Those the member administers."""
        return [organization for organization in self._world.organizations if organization.administered]

    @property
    def shown_posts(self) -> list[Post]:
        """Posts that a batch answers with, oldest first within an organization."""
        return [post for post in self._world.feed.posts if post.state == "shown"]

    @property
    def posts(self) -> list[str]:
        """URNs of the posts that a batch answers with."""
        return [post.urn for post in self.shown_posts]

    @property
    def refused_posts(self) -> list[str]:
        """URNs that are listed and answered with 403."""
        return [post.urn for post in self._world.feed.posts if post.state == "refused"]

    @property
    def silent_posts(self) -> list[str]:
        """URNs that are listed and never answered."""
        return [post.urn for post in self._world.feed.posts if post.state == "silent"]

    @property
    def instant_reposts(self) -> list[str]:
        """URNs of the organizations' own reposts, some of which stand among the posts."""
        return [repost.urn for reposts in self._world.feed.reposts.values() for repost in reposts]

    @property
    def post_instant_reposts(self) -> list[Repost]:
        """Members' reposts of posts; those undone are listed and not answered."""
        feed = self._world.feed
        return [repost for post in self.shown_posts for repost in feed.reposts_from(post)]

    @property
    def reshares(self) -> list[Post]:
        """Reshares of posts, the organizations' own and others'; those not shown are listed and not answered."""
        feed = self._world.feed
        return [reshare for post in self.shown_posts for reshare in feed.reshares_from(post)]

    @property
    def all_comments(self) -> list[Comment]:
        """Comments and replies."""
        engagement = self._world.engagement
        return [comment for post in self.shown_posts for comment in engagement.thread(post).comments]

    @property
    def comments(self) -> list[Comment]:
        """Comments at the top."""
        return [comment for comment in self.all_comments if comment.parent is None]

    @property
    def replies(self) -> list[Comment]:
        """Comments on comments, at any depth."""
        return [comment for comment in self.all_comments if comment.parent is not None]

    @property
    def reactions(self) -> list[Reaction]:
        """Reactions on posts."""
        engagement = self._world.engagement
        return [reaction for post in self.shown_posts for reaction in engagement.reactions(post, None).values()]

    @property
    def comment_reactions(self) -> list[Reaction]:
        """Reactions on comments and replies."""
        engagement = self._world.engagement
        return [
            reaction
            for comment in self.all_comments
            for reaction in engagement.reactions(comment.post, comment).values()
        ]

    @property
    def followers(self) -> Followers:
        """The company's follower rows, made as they are read."""
        return self._world.followers[COMPANY.number]

    @property
    def showcase_followers(self) -> Followers:
        """The showcase page's follower rows."""
        return self._world.followers[SHOWCASE.number]

    @property
    def events(self) -> list[int]:
        """Their ids."""
        return [row["id"] for organization in self.organizations for row in events(organization, self._world)]

    @property
    def leads(self) -> dict[str, list[str]]:
        """Ids of the leads that LinkedIn still keeps, by type."""
        return {
            kind: [row["id"] for organization in self.organizations for row in leads(organization, self._world, kind)]
            for kind in LEADS
        }

    @property
    def messages(self) -> dict[str, int]:
        """How many messages stand in each conversation that has a URN."""
        return {
            urn: len(messages(organization, self._world, place))
            for organization in self.organizations
            for place in places(organization, *THREADS)
            if (urn := thread_urn(organization, self._world, place)) is not None
        }

    @property
    def subscribers(self) -> dict[str, int]:
        """How many read each newsletter."""
        return {
            series_urn(organization, self._world, place): len(subscribers(organization, self._world, place))
            for organization in self.organizations
            for place in places(organization, SERIES)
        }
