-- Every version of a form that was met, and the newest; `is_newest` marks the one that LinkedIn lists today.
{%- set columns = {
    'organization': 'text', 'urn': 'text', 'version_id': 'bigint', 'name': 'text', 'state': 'text', 'content': 'json',
    'last_modified': 'timestamp',
} %}
with met as (
    select *, false as is_listed from ({{ linkedin_dma.loaded('lead_gen_form_versions', columns) }}) as versions
    union all
    select *, true as is_listed from ({{ linkedin_dma.loaded('lead_gen_forms', columns) }}) as forms
),

numbered as (
    select
        *,
        row_number() over (partition by loaded_schema, urn, version_id order by is_listed desc) as place,
        row_number() over (partition by loaded_schema, urn order by is_listed desc, version_id desc) as place_of_form
    from met
    where urn is not null
)

select
    loaded_schema,
    organization,
    urn as form,
    version_id as form_version,
    name as form_name,
    state,
    content,
    place_of_form = 1 as is_newest
from numbered
where place = 1
