{{ config(materialized='table') }}
select
    loaded_schema,
    organization,
    organization_name,
    content_kind,
    cast(date_trunc('month', published_at) as date) as month,
    count(*) as posts,
    sum(case when is_comparable then 1 else 0 end) as comparable_posts,
    {%- for name in ['impressions', 'clicks', 'comments', 'reactions', 'reposts', 'engagement'] %}
    cast(sum(case when is_comparable then {{ name }} end) as bigint) as {{ name }},
    {%- endfor %}
    {{ linkedin_dma.rate('sum(case when is_comparable then engagement end)', 'sum(case when is_comparable then impressions end)') }}
        as engagement_rate,
    {{ linkedin_dma.rate('sum(case when is_comparable then clicks end)', 'sum(case when is_comparable then impressions end)') }}
        as click_through_rate
from {{ ref('linkedin_dma__posts') }}
where published_at is not null
group by loaded_schema, organization, organization_name, content_kind, cast(date_trunc('month', published_at) as date)
