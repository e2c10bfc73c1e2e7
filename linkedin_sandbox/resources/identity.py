"""Identity: the member behind the token, and the members whom the world names."""

from __future__ import annotations

from ..forms import BareId, Urn, Wrapped
from ..methods import Get, Resource
from ..world.people import me, people_entity
from .looked_up import looked_up

BY_RECORD, BARE = Wrapped("id", BareId("person")), BareId("person")

RESOURCES = (
    Resource("dmaMe", (Get(lambda call: me(call.world.seed)),)),
    Resource(
        "dmaPeople",
        looked_up(
            (BY_RECORD, Urn("person"), BARE),
            lambda call, urn: people_entity(call.world, urn),
            key="personId",
            keys=(BY_RECORD, BARE),
        ),
    ),
)
