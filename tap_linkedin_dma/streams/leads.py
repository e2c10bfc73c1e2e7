"""Lead Gen: forms, the answers that members gave, and figures on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, ClassVar

from singer_sdk import typing as th

from tap_linkedin_dma.api import restli
from tap_linkedin_dma.api.json_paths import Entity, get_path
from tap_linkedin_dma.api.results import ListingPage
from tap_linkedin_dma.rows.keys import RowKeys
from tap_linkedin_dma.rows.mapping import Row
from tap_linkedin_dma.rows.schema import (
    BOOLEAN,
    INTEGER,
    LOCALIZED,
    MEMBER_VISIBILITY,
    OTHERS_OF_MEMBER,
    PERSON,
    TEXT,
    TIMESTAMP,
    URN,
    array,
    columns,
    key,
    member_data,
    object_of,
    of_no_class,
    one_of,
    organization_schema,
    period,
)
from tap_linkedin_dma.stream_types.changed_since import ModifiedSince
from tap_linkedin_dma.stream_types.derived import ParentRows
from tap_linkedin_dma.stream_types.nested import PerItemFinder
from tap_linkedin_dma.stream_types.undocumented import PERIOD, PeriodFinder
from tap_linkedin_dma.streams.organizations import Organizations
from tap_linkedin_dma.sync.batches import Context, ContextBatch, RecordBatch

_KEPT_DAYS = 365

_VERSIONED_FORM = re.compile(r"urn:li:versionedLeadGenForm:\((?P<form>urn:li:leadGenForm:\w+),(?P<version>\d{1,18})\)")

_ALL = "ALL"
"""Stands for the type if LinkedIn does not accept one, and answers for all."""


class LeadTypesFinder(PerItemFinder, ModifiedSince):
    """A finder with a request for each type of lead, from the bookmark of the type up to the start of the run."""

    lead_types: ClassVar[Sequence[str]]

    def read(self, contexts: ContextBatch) -> Iterator[RecordBatch]:
        for organization in contexts:
            asked: set[str] = set()
            for lead_type in self.lead_types:
                context = {**organization, "lead_type": lead_type}
                # `stream_options`, or the form that LinkedIn accepts, may request more than this type.
                if self._asked(context) not in asked:
                    yield from super().read(ContextBatch([context]))
                    asked.add(self._asked(context))

    def elements(self, context: Context) -> Iterator[ListingPage]:
        start_ms, end_ms = self._range(context)
        if start_ms < end_ms:
            yield from super().elements(context)

    def first_page(self, context: Context) -> tuple[ListingPage, Iterator[ListingPage]]:
        # Which bookmark counts depends on the form that LinkedIn accepts.
        start_ms, end_ms = self._range(context)
        return super().first_page({**context, "start_ms": start_ms, "end_ms": end_ms})

    def batch(self, context: Context, elements: Sequence[Entity], keys: RowKeys) -> RecordBatch:
        asked = self._asked(context)
        return super().batch({**context, "lead_type": None if asked == _ALL else asked}, elements, keys)

    def part(self, context: Context) -> str:
        return f"the lead type {context['lead_type']}"

    def is_often_refused(self, context: Context) -> bool:
        """Sponsored leads belong to an ad account: LinkedIn has been seen to refuse them to organizations."""
        return bool(context["lead_type"] == "SPONSORED")

    def bookmark(self, context: Context) -> str | None:
        return None if self.is_full_table else self._bookmarks(context).get(self._asked(context))

    def advance_bookmark(self, context: Context, newest: str) -> None:
        super().advance_bookmark(context, newest)
        asked, bookmarks = self._asked(context), self._bookmarks(context)
        self.state_of(context)["lead_types"] = {**bookmarks, asked: max(newest, bookmarks.get(asked, ""))}

    def since_ms(self, context: Context) -> int:
        """Answers are about members: none from before the start is emitted, though LinkedIn may send all it has."""
        return max(self.start_ms, super().since_ms(context))

    def _bookmarks(self, organization: Context) -> Mapping[str, str]:
        bookmarks: Mapping[str, str] = self.state_of(organization).get("lead_types", {})
        return bookmarks

    def _range(self, context: Context) -> tuple[int, int]:
        """The time range to request, epoch ms; the end is excluded."""
        began = self.run_context.started_at
        kept_since = began.subtract(days=_KEPT_DAYS)
        return max(int(kept_since.timestamp() * 1000), self.since_ms(context)), int(began.timestamp() * 1000)

    def _asked(self, context: Context) -> str:
        """The type of lead that is requested."""
        params: Mapping[str, Any] = self.request_params({**context, "start_ms": 0, "end_ms": 0})
        sent = params.get("leadType")
        named = get_path(sent, "leadType") or sent
        return restli.encode(named) if named else _ALL


_OWNER = th.CustomType({**one_of(URN, object_of(organization=URN, sponsoredAccount=URN)).type_dict, "x-urn": True})
"""Emitted as a URN, whose type says the same as the key of the union in which it may come."""

_OWNER_SOURCES = {"owner": ("owner.organization", "owner.sponsoredAccount")}

_QUESTION = object_of(
    questionId=INTEGER,
    name=TEXT,
    question=LOCALIZED,
    predefinedField=TEXT,
    responseEditable=BOOLEAN,
    responseRequired=BOOLEAN,
    questionDetails=object_of(
        textQuestionDetails=object_of(maxResponseLength=INTEGER),
        multipleChoiceQuestionDetails=object_of(options=array(object_of(id=INTEGER, text=LOCALIZED))),
    ),
)

_FORM_CONTENT = object_of(
    headline=LOCALIZED,
    description=LOCALIZED,
    questions=array(_QUESTION),
    legalInfo=object_of(
        legalInfoId=INTEGER,
        privacyPolicyUrl=TEXT,
        legalDisclaimer=LOCALIZED,
        consents=array(object_of(id=INTEGER, checkRequired=BOOLEAN, consent=LOCALIZED)),
    ),
    postSubmissionInfo=object_of(
        message=LOCALIZED,
        callToAction=object_of(callToActionLabel=TEXT, callToActionTarget=object_of(landingPageUrl=TEXT)),
    ),
)

_ANSWER = object_of(
    questionId=of_no_class(INTEGER),
    answerDetails=object_of(
        textQuestionAnswer=object_of(answer=TEXT),
        multipleChoiceAnswer=object_of(options=array(INTEGER)),
    ),
)

_FORM_RESPONSE = member_data(
    object_of(
        answers=array(_ANSWER),
        consentResponses=array(object_of(consentId=of_no_class(INTEGER), accepted=BOOLEAN)),
    ),
    is_sensitive=True,
)


_FORM_COLUMNS = (
    th.Property("organization", URN, description="URN of the organization in whose listing the form is."),
    th.Property(
        "urn", URN, description="URN of the form: urn:li:leadGenForm:ID; NULL if LinkedIn does not give its number."
    ),
    th.Property("name", TEXT, description="Name of the form."),
    th.Property("owner", _OWNER, description="URN of the organization or ad account that owns the form."),
    th.Property("state", TEXT, description="State of the form in LinkedIn's words, such as PUBLISHED."),
    th.Property("created", TIMESTAMP, description="Time of creation, in UTC."),
    th.Property("last_modified", TIMESTAMP, description="Time of the last change, in UTC."),
    th.Property(
        "creation_locale", object_of(country=TEXT, language=TEXT), description="Language and country of the form."
    ),
    th.Property(
        "hidden_fields",
        array(object_of(name=TEXT, value=TEXT)),
        description="Hidden fields of the form: names and values.",
    ),
    th.Property(
        "review_info",
        object_of(lastUpdated=TIMESTAMP, reviewStatus=TEXT, rejectionReasons=array()),
        description="LinkedIn's review of the form: when, with which result, and reasons of a rejection.",
    ),
    th.Property(
        "content",
        _FORM_CONTENT,
        description="Form as members see it: headline, questions with their options, legal text, message after "
        "the answer.",
    ),
)


class LeadGenForms(ModifiedSince):
    """Forms in which members leave their details, with questions and legal text, each in its newest version.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/lead-sync-schema
    """

    name = "lead_gen_forms"
    resource = "dmaLeadGenForm"
    finder = "owner"
    params = {"owner": "{organization}"}
    param_fallbacks = {"owner": ({"owner": {"organization": "{organization}"}}, {"owner": "{organizational_page}"})}
    paging = "offset"
    page_size = 50
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    replication_key = "last_modified"
    tracks_listed_keys = True
    field_paths = _OWNER_SOURCES
    schema = columns(
        key("id", INTEGER, description="Number of the form."),
        th.Property(
            "version_id", INTEGER, description="Number of the form's version, the newest at the time of the run."
        ),
        *_FORM_COLUMNS,
    )

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row with the form's URN, which LinkedIn mostly leaves out; a negative number is the tap's own."""
        row = super().row(entity, context, keys)
        if row and row["urn"] is None and row["id"] > 0:
            row["urn"] = f"urn:li:leadGenForm:{row['id']}"
        return row

    def child_context(self, row: Row, context: Context) -> Context | None:
        """The whole form; None if LinkedIn does not say which version it is."""
        return None if row["version_id"] is None else {**context, **row}


class LeadGenFormVersions(ParentRows):
    """Every version of a form that a run has met: the wording to which earlier answers were given.

    LinkedIn lists the newest version alone, so those from before the first run are not here.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/lead-sync-schema
    """

    name = "lead_gen_form_versions"
    resource = "dmaLeadGenForm"
    evidence = "observed"
    parent_stream_type = LeadGenForms
    primary_keys = ("id", "version_id")
    schema = columns(
        key("id", INTEGER, description="Number of the form."),
        key("version_id", INTEGER, description="Number of the form's version."),
        *_FORM_COLUMNS,
    )


class LeadGenFormResponses(LeadTypesFinder):
    """Answers that members sent through a lead form; LinkedIn keeps them for 365 days.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/leadsync
    """

    name = "lead_gen_form_responses"
    resource = "dmaLeadGenFormResponse"
    finder = "owner"
    lead_types = ("COMPANY", "EVENT", "ORGANIZATION_PRODUCT", "SPONSORED")
    params = {
        "owner": {"organization": "{organization}"},
        "leadType": {"leadType": "{lead_type}"},
        "limitedToTestLeads": False,
        "submittedAtTimeRange": {"start": "{start_ms}", "end": "{end_ms}"},
    }
    param_fallbacks = {
        "owner": ({"owner": "{organization}"}, {"owner": "{organizational_page}"}),
        "leadType": ({"leadType": "{lead_type}"}, {}),
        "limitedToTestLeads": ({},),
        "submittedAtTimeRange": ({},),
    }
    paging = "offset"
    page_size = 100
    evidence = "sibling"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    replication_key = "submitted_at"
    visibility_columns = ("submitter",)
    field_paths = {**_OWNER_SOURCES, "lead_type": ("leadType",)}
    schema = columns(
        key("id", description="Id of the answer."),
        th.Property("organization", URN),
        th.Property("owner", _OWNER, description="URN of the organization or ad account whose form was answered."),
        th.Property(
            "submitter",
            PERSON,
            description="URN of the member who answered; NULL if LinkedIn does not show the member.",
        ),
        th.Property(
            "lead_type",
            TEXT,
            description="Type of lead: COMPANY, EVENT, ORGANIZATION_PRODUCT or SPONSORED; the requested type if "
            "LinkedIn sends none.",
        ),
        th.Property(
            "lead_metadata",
            object_of(sponsoredLeadMetadata=object_of(campaign=URN)),
            description="Campaign of a sponsored lead, as a URN.",
        ),
        th.Property(
            "associated_entity",
            object_of(associatedCreative=URN, event=URN),
            description="Origin of the lead, as a URN: an ad creative or an event.",
        ),
        th.Property(
            "versioned_lead_gen_form_urn",
            URN,
            description="URN of the form in the version that was answered: "
            "urn:li:versionedLeadGenForm:(urn:li:leadGenForm:ID,VERSION).",
        ),
        th.Property("lead_gen_form", URN, description="URN of the form that was answered."),
        th.Property(
            "lead_gen_form_version",
            INTEGER,
            description="Number of the version that was answered: `version_id` of `lead_gen_form_versions`.",
        ),
        th.Property("submitted_at", TIMESTAMP, description="Time of the answer, in UTC."),
        th.Property("test_lead", BOOLEAN, description="True for an answer that was sent as a test."),
        th.Property(
            "form_response",
            _FORM_RESPONSE,
            description="Answers by the number of the question, and consents given. A choice is the number of an "
            "option in the form's `content`.",
        ),
        MEMBER_VISIBILITY,
        others=OTHERS_OF_MEMBER,
    )

    def row(self, entity: Entity, context: Mapping[str, Any], keys: RowKeys | None = None) -> Row | None:
        """The row with the form and its version, which LinkedIn gives in one URN."""
        row = super().row(entity, context, keys)
        if row and (versioned := _VERSIONED_FORM.fullmatch(row["versioned_lead_gen_form_urn"] or "")):
            row["lead_gen_form"], row["lead_gen_form_version"] = versioned["form"], int(versioned["version"])
        return row


class LeadAnalytics(PeriodFinder):
    """Figures on the leads collected with forms.

    LinkedIn-Version 202508 and older are no longer served.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "lead_analytics"
    resource = "dmaLeadAnalytics"
    finder = "owner"
    params = {"owner": "{organization}", "timeIntervals": {"timeRange": PERIOD, "timeGranularityType": "DAY"}}
    param_fallbacks = {
        "owner": ({"owner": {"organization": "{organization}"}}, {"owner": "{organizational_page}"}),
        "timeIntervals": ({"timeIntervals": {"timeRange": PERIOD}}, {"timeRange": PERIOD}, {}),
    }
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    schema = organization_schema(*period())
