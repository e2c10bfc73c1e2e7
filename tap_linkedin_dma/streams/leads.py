"""Lead Gen: forms, the answers that members gave, and figures on them."""

from __future__ import annotations

from singer_sdk import typing as th

from tap_linkedin_dma.rows.schema import (
    FLAG,
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
    either,
    key,
    of_member,
    of_no_class,
    of_organization,
    period,
    record,
)
from tap_linkedin_dma.stream_types.changed_since import ChangedSince
from tap_linkedin_dma.stream_types.undocumented import PERIOD, PeriodFinder
from tap_linkedin_dma.streams.lead_types import LeadTypesFinder
from tap_linkedin_dma.streams.organizations import Organizations

_OWNER = th.CustomType({**either(URN, record(organization=URN, sponsoredAccount=URN)).type_dict, "x-urn": True})
"""Leaves as a URN, whose kind tells what the key of the union does that it may come in."""

_OWNER_SOURCES = {"owner": ("owner.organization", "owner.sponsoredAccount")}

_QUESTION = record(
    questionId=INTEGER,
    name=TEXT,
    question=LOCALIZED,
    predefinedField=TEXT,
    responseEditable=FLAG,
    responseRequired=FLAG,
    questionDetails=record(
        textQuestionDetails=record(maxResponseLength=INTEGER),
        multipleChoiceQuestionDetails=record(options=array(record(id=INTEGER, text=LOCALIZED))),
    ),
)

_FORM_CONTENT = record(
    headline=LOCALIZED,
    description=LOCALIZED,
    questions=array(_QUESTION),
    legalInfo=record(
        legalInfoId=INTEGER,
        privacyPolicyUrl=TEXT,
        legalDisclaimer=LOCALIZED,
        consents=array(record(id=INTEGER, checkRequired=FLAG, consent=LOCALIZED)),
    ),
    postSubmissionInfo=record(
        message=LOCALIZED,
        callToAction=record(callToActionLabel=TEXT, callToActionTarget=record(landingPageUrl=TEXT)),
    ),
)

_ANSWER = record(
    questionId=of_no_class(INTEGER),
    answerDetails=record(
        textQuestionAnswer=record(answer=TEXT),
        multipleChoiceAnswer=record(options=array(INTEGER)),
    ),
)

_FORM_RESPONSE = of_member(
    record(
        answers=array(_ANSWER),
        consentResponses=array(record(consentId=of_no_class(INTEGER), accepted=FLAG)),
    ),
    is_sensitive=True,
)


class LeadGenForms(ChangedSince):
    """Forms in which members leave their details, with questions and legal text.

    A form has versions; the answers name one.

    Source: https://learn.microsoft.com/en-us/linkedin/marketing/lead-sync/lead-sync-schema
    """

    name = "lead_gen_forms"
    resource = "dmaLeadGenForm"
    finder = "owner"
    params = {"owner": "{organization}"}
    alternatives = {"owner": ({"owner": {"organization": "{organization}"}}, {"owner": "{organizational_page}"})}
    paging = "offset"
    page_size = 50
    evidence = "observed"
    parent_stream_type = Organizations
    primary_keys = ("id",)
    replication_key = "last_modified"
    keeps_listed = True
    sources = _OWNER_SOURCES
    schema = columns(
        key("id", INTEGER),
        th.Property("organization", URN),
        th.Property("urn", URN),
        th.Property("version_id", INTEGER),
        th.Property("name", TEXT),
        th.Property("owner", _OWNER),
        th.Property("state", TEXT),
        th.Property("created", TIMESTAMP),
        th.Property("last_modified", TIMESTAMP),
        th.Property("creation_locale", record(country=TEXT, language=TEXT)),
        th.Property("hidden_fields", array(record(name=TEXT, value=TEXT))),
        th.Property("review_info", record(lastUpdated=TIMESTAMP, reviewStatus=TEXT, rejectionReasons=array())),
        th.Property("content", _FORM_CONTENT),
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
    alternatives = {
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
    member_columns = ("submitter",)
    sources = {**_OWNER_SOURCES, "lead_type": ("leadType",)}
    schema = columns(
        key("id"),
        th.Property("organization", URN),
        th.Property("owner", _OWNER),
        th.Property("submitter", PERSON, description="Null for a member who did not agree to be shown."),
        th.Property("lead_type", TEXT, description="As LinkedIn says, else the type that it was asked for."),
        th.Property("lead_metadata", record(sponsoredLeadMetadata=record(campaign=URN))),
        th.Property("associated_entity", record(associatedCreative=URN, event=URN)),
        th.Property("versioned_lead_gen_form_urn", URN, description="The form, in the version that was answered."),
        th.Property("submitted_at", TIMESTAMP),
        th.Property("test_lead", FLAG),
        th.Property("form_response", _FORM_RESPONSE),
        MEMBER_VISIBILITY,
        others=OTHERS_OF_MEMBER,
    )


class LeadAnalytics(PeriodFinder):
    """Figures on the leads collected with forms.

    LinkedIn-Version 202508 and older ones are not served any more.

    Source: https://learn.microsoft.com/en-us/linkedin/dma/recent-changes
    """

    name = "lead_analytics"
    resource = "dmaLeadAnalytics"
    finder = "owner"
    params = {"owner": "{organization}", "timeIntervals": {"timeRange": PERIOD, "timeGranularityType": "DAY"}}
    alternatives = {
        "owner": ({"owner": {"organization": "{organization}"}}, {"owner": "{organizational_page}"}),
        "timeIntervals": ({"timeIntervals": {"timeRange": PERIOD}}, {"timeRange": PERIOD}, {}),
    }
    evidence = "inferred"
    parent_stream_type = Organizations
    primary_keys = ("organization", "row_key")
    own_keys = ("entityUrn", "$URN", "urn", "leadAnalyticsUrn", "id")
    schema = of_organization(*period())
