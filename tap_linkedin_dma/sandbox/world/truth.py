"""What exists in the world, for a test to compare with what a reader got."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .follows import Followers
from .organizations import COMPANY, ORGANIZATIONS, SHOWCASE, Organization
from .posts import Post
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
        return [organization for organization in ORGANIZATIONS if organization.administered]

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
        """URNs of the organizations' own reposts, which stand among the posts."""
        return [repost.urn for reposts in self._world.feed.reposts.values() for repost in reposts]

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
