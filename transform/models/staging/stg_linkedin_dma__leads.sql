select
    loaded_schema,
    organization,
    id as lead,
    submitted_at,
    lead_type,
    coalesce(test_lead, false) as is_test,
    submitter,
    lead_gen_form as form,
    lead_gen_form_version as form_version,
    {{ linkedin_dma.json_text('associated_entity', 'event') }} as event,
    form_response
from (
    {{ linkedin_dma.loaded('lead_gen_form_responses', {
        'organization': 'text', 'id': 'text', 'submitted_at': 'timestamp', 'lead_type': 'text', 'test_lead': 'boolean',
        'submitter': 'text', 'lead_gen_form': 'text', 'lead_gen_form_version': 'bigint', 'associated_entity': 'json',
        'form_response': 'json',
    }) }}
) as loaded
