{{ config(materialized='table') }}
{#- It holds no person: it may be a table. -#}
with figures as (
    select
        loaded_schema,
        organization,
        post,
        cast("start" as date) as day,
        {{ linkedin_dma.metric('IMPRESSIONS') }} as impressions,
        {{ linkedin_dma.metric('UNIQUE_IMPRESSIONS') }} as unique_impressions,
        {{ linkedin_dma.metric('IMPRESSIONS', 'organic_value') }} as organic_impressions,
        {{ linkedin_dma.metric('IMPRESSIONS', 'sponsored_value') }} as sponsored_impressions,
        {{ linkedin_dma.metric('CLICKS') }} as clicks,
        {{ linkedin_dma.metric('REPOSTS') }} as reposts
    from (
        {{ linkedin_dma.loaded('post_content_trend', {
            'organization': 'text', 'post': 'text', 'type': 'text', 'granularity': 'text', 'start': 'timestamp',
            'total_count': 'numeric', 'organic_value': 'numeric', 'sponsored_value': 'numeric',
        }) }}
    ) as loaded
    where granularity = 'DAY'
    group by loaded_schema, organization, post, cast("start" as date)
)

select
    figures.loaded_schema,
    figures.organization,
    figures.post,
    figures.day,
    posts.content_kind,
    {{ dbt.datediff('cast(posts.published_at as date)', 'figures.day', 'day') }} as days_since_published,
    cast(figures.impressions as bigint) as impressions,
    cast(figures.unique_impressions as bigint) as unique_impressions,
    cast(figures.organic_impressions as bigint) as organic_impressions,
    cast(figures.sponsored_impressions as bigint) as sponsored_impressions,
    cast(figures.clicks as bigint) as clicks,
    cast(figures.reposts as bigint) as reposts,
    {{ linkedin_dma.rate('figures.clicks', 'figures.impressions') }} as click_through_rate
from figures
left join {{ ref('stg_linkedin_dma__posts') }} as posts
    on posts.loaded_schema = figures.loaded_schema and posts.post = figures.post
