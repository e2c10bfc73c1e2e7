select
    loaded_schema,
    organization,
    id as organization_id,
    coalesce(localized_name, vanity_name, organization) as organization_name,
    vanity_name,
    'https://www.linkedin.com/company/' || coalesce(vanity_name, cast(id as {{ linkedin_dma.sql_type('text') }})) as organization_url,
    _sdc_extracted_at as loaded_at
from (
    {{ linkedin_dma.loaded('organizations', {
        'organization': 'text', 'id': 'bigint', 'localized_name': 'text', 'vanity_name': 'text', '_sdc_extracted_at': 'timestamp',
    }) }}
) as loaded
