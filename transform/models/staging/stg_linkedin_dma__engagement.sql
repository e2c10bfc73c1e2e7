-- Analytics have comments and reactions too, but with noise, and 0 below a threshold: these are LinkedIn's own counts.
{%- set types = {
    'likes': 'LIKE', 'praises': 'PRAISE', 'empathies': 'EMPATHY', 'appreciations': 'APPRECIATION', 'interests': 'INTEREST',
    'entertainments': 'ENTERTAINMENT',
} %}
select
    loaded_schema,
    organization,
    entity as post,
    snapshot_date as counted_on,
    comment_count as comments,
    reaction_count as reactions,
    {%- for name, type in types.items() %}
    coalesce(cast({{ linkedin_dma.json_text('reaction_summaries', type ~ '.count') }} as bigint), 0) as {{ name }},
    {%- endfor %}
    row_number() over (partition by loaded_schema, entity order by snapshot_date desc) = 1 as is_newest
from (
    {{ linkedin_dma.loaded('social_metadata', {
        'organization': 'text', 'entity': 'text', 'snapshot_date': 'date', 'comment_count': 'bigint', 'reaction_count': 'bigint',
        'reaction_summaries': 'json',
    }) }}
) as loaded
