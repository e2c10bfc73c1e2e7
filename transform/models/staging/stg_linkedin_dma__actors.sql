-- Members and pages that comment, react or answer a form, with a name if LinkedIn shows it.
select loaded_schema, actor, min(name) as name, min(headline) as headline
from (
    select
        loaded_schema,
        person as actor,
        nullif(trim(coalesce(localized_first_name, '') || ' ' || coalesce(localized_last_name, '')), '') as name,
        localized_headline as headline
    from (
        {{ linkedin_dma.loaded('people', {
            'person': 'text', 'localized_first_name': 'text', 'localized_last_name': 'text', 'localized_headline': 'text',
        }) }}
    ) as people
    union all
    select loaded_schema, organization, localized_name, null
    from (
        {{ linkedin_dma.loaded('organization_lookup', {'organization': 'text', 'localized_name': 'text'}) }}
    ) as named
    union all
    select loaded_schema, organization, organization_name, null
    from {{ ref('stg_linkedin_dma__organizations') }}
) as named
where actor is not null
group by loaded_schema, actor
