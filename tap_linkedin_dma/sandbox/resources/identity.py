"""Identity: the member behind the token."""

from __future__ import annotations

from ..methods import Get, Resource
from ..world.members import me

RESOURCES = (Resource("dmaMe", (Get(lambda call: me(call.world.seed)),)),)
