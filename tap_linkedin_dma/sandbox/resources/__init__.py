"""Every resource the sandbox answers, by name."""

from __future__ import annotations

from ..methods import Resource
from . import analytics, feed, identity, pages, settings

AREAS = (identity, settings, pages, feed, analytics)
RESOURCES: dict[str, Resource] = {resource.name: resource for area in AREAS for resource in area.RESOURCES}
