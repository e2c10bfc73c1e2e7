"""Places: the one list of Standardized Data whose names may not be stored at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from singer_sdk import typing as th

from tap_linkedin_dma.api.client import Client
from tap_linkedin_dma.privacy.data_classes import STANDARDIZED
from tap_linkedin_dma.rows.schema import ANY_OBJECT, INTEGER, RETAIN_UNTIL, TEXT, URN, columns, key, object_of, of_place
from tap_linkedin_dma.stream_types.lookups import Lookup
from tap_linkedin_dma.stream_types.undocumented import LOCALE_FALLBACKS
from tap_linkedin_dma.sync.batches import ContextBatch, RecordBatch
from tap_linkedin_dma.sync.run_context import RunContext

if TYPE_CHECKING:
    from singer_sdk.tap_base import Tap

_PLACE_NAME = object_of(value=TEXT, locale=object_of(country=TEXT, language=TEXT))


class Geos(Lookup):
    """Names of places, which are Bing Maps data that LinkedIn's terms forbid storing.

    Source: https://learn.microsoft.com/en-us/linkedin/shared/references/v2/standardized-data/locations/geo
    """

    name = "geos"
    resource = "dmaGeo"
    data_class = STANDARDIZED
    max_retention_days = 0
    urn_types = ("geo",)
    params = {"ids": "{number}", "locale": "{locale}"}
    param_fallbacks = {"locale": LOCALE_FALLBACKS}
    evidence = "observed"
    selected_by_default = False
    identity = {"id": "{number}", "geo": "{urn}"}
    field_paths = {"localized_name": ("defaultLocalizedName.value",)}
    primary_keys = ("id",)
    schema = columns(
        key("id", INTEGER, description="Number of the place."),
        th.Property(
            "geo", URN, description="URN of the place: urn:li:geo:NUMBER, as demographics and addresses name it."
        ),
        th.Property(
            "default_localized_name",
            of_place(_PLACE_NAME),
            description="Name of the place and its locale; Bing Maps data, which must not be stored.",
        ),
        th.Property(
            "localized_name",
            of_place(TEXT),
            description="Name of the place as plain text; Bing Maps data, which must not be stored.",
        ),
        RETAIN_UNTIL,
        others=of_place(ANY_OBJECT),
    )

    def __init__(self, tap: Tap, run_context: RunContext, client: Client) -> None:
        super().__init__(tap, run_context, client)
        self._has_warned = False

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        """Look places up; warn on every run, since the terms are about the data that a target has stored."""
        if self.config["geo_names"] and not self._has_warned:
            self._has_warned = True
            self.logger.warning(
                "geos: place names are Bing Maps data, which LinkedIn's Portability API Terms (2.2.2, 3.2.2) do not "
                "let you store. Use these rows at once, keep none, and see `tap-linkedin-dma retention`."
            )
        yield from super().read(contexts)
