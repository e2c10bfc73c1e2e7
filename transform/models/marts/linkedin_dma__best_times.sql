{{ config(materialized='table') }}
select
    loaded_schema,
    organization,
    organization_name,
    content_kind,
    published_weekday as weekday,
    published_hour as hour,
    count(*) as posts,
    cast(sum(impressions) as bigint) as impressions,
    cast(sum(engagement) as bigint) as engagement,
    {{ linkedin_dma.rate('sum(engagement)', 'sum(impressions)') }} as engagement_rate
from {{ ref('linkedin_dma__posts') }}
where is_comparable and engagement is not null
group by loaded_schema, organization, organization_name, content_kind, published_weekday, published_hour
