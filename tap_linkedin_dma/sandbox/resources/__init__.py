"""Every resource the sandbox answers, by name."""

from __future__ import annotations

from ..methods import Resource
from . import analytics, employer_brand, feed, identity, messaging, pages, products, publishing, settings

AREAS = (identity, settings, pages, feed, analytics, employer_brand, products, publishing, messaging)
RESOURCES: dict[str, Resource] = {resource.name: resource for area in AREAS for resource in area.RESOURCES}
