-- Names of LinkedIn's reference lists, which the terms let be kept for a year and not passed on.
{%- for stream in ['functions', 'industries', 'seniorities'] %}
select loaded_schema, urn, coalesce(localized_name, {{ linkedin_dma.localized_text('name') }}) as name
from (
    {{ linkedin_dma.loaded(stream, {'urn': 'text', 'localized_name': 'text', 'name': 'json'}) }}
) as {{ stream }}
{%- if not loop.last %}
union all
{%- endif %}
{%- endfor %}
