"""Places: the one list of Standardized Data whose names may not be stored at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.rows.schema import INTEGER, OPEN, RETAIN_UNTIL, TEXT, URN, columns, key, of_place, record
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.undocumented import LOCALE_FORMS
from tap_linkedin_dma.sync.batches import Page, Parents
from tap_linkedin_dma.sync.run_context import Connection

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_PLACE_NAME = record(value=TEXT, locale=record(country=TEXT, language=TEXT))


class Geos(Lookup):
    """Names of places, Bing Maps data that LinkedIn's terms forbid to store.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/locations/geo
    """

    name = "geos"
    resource = "dmaGeo"
    data_class = STANDARDIZED
    days_kept = 0
    kinds = ("geo",)
    params = {"ids": "{number}", "locale": "{locale}"}
    alternatives = {"locale": LOCALE_FORMS}
    evidence = "observed"
    selected_by_default = False
    identity = {"id": "{number}", "geo": "{urn}"}
    primary_keys = ("id",)
    schema = columns(
        key("id", INTEGER),
        th.Property("geo", URN, description="What other streams join on."),
        th.Property("default_localized_name", of_place(_PLACE_NAME)),
        RETAIN_UNTIL,
        others=of_place(OPEN),
    )

    def __init__(self, tap: Tap, connection: Connection) -> None:
        super().__init__(tap, connection)
        self._has_warned = False

    def pages(self, parents: Parents) -> Iterator[Page]:
        """The warning comes on every run, since what a target has stored is what the terms are about."""
        if not self._has_warned:
            self._has_warned = True
            self.logger.warning(
                "geos: the names of places are Bing Maps data. LinkedIn's Portability API Terms, 2.2.2 and 3.2.2, "
                "forbid to store them: use these rows as they come, keep none, and see `tap-linkedin-dma retention`."
            )
        yield from super().pages(parents)
