{{ config(materialized='table') }}
with content as (
    select
        loaded_schema,
        organization,
        cast("start" as date) as day,
        {{ linkedin_dma.metric('IMPRESSIONS') }} as impressions,
        {{ linkedin_dma.metric('UNIQUE_IMPRESSIONS') }} as unique_impressions,
        {{ linkedin_dma.metric('IMPRESSIONS', 'organic_value') }} as organic_impressions,
        {{ linkedin_dma.metric('IMPRESSIONS', 'sponsored_value') }} as sponsored_impressions,
        {{ linkedin_dma.metric('CLICKS') }} as clicks,
        {{ linkedin_dma.metric('REPOSTS') }} as reposts
    from (
        {{ linkedin_dma.loaded('page_content_trend', {
            'organization': 'text', 'type': 'text', 'granularity': 'text', 'start': 'timestamp',
            'total_count': 'numeric', 'organic_value': 'numeric', 'sponsored_value': 'numeric',
        }) }}
    ) as loaded
    where granularity = 'DAY'
    group by loaded_schema, organization, cast("start" as date)
),

visits as (
    select
        loaded_schema,
        organization,
        cast("start" as date) as day,
        sum(total_count) as page_views,
        sum(unique_count) as unique_visitors,
        sum(desktop_cta_click_count) + sum(mobile_cta_click_count) as button_clicks
    from (
        {{ linkedin_dma.loaded('visitor_trend', {
            'organization': 'text', 'source_type': 'text', 'granularity': 'text', 'start': 'timestamp', 'total_count': 'bigint',
            'unique_count': 'bigint', 'desktop_cta_click_count': 'bigint', 'mobile_cta_click_count': 'bigint',
        }) }}
    ) as loaded
    where granularity = 'DAY' and source_type = 'ALL'
    group by loaded_schema, organization, cast("start" as date)
),

published as (
    select loaded_schema, organization, cast(published_at as date) as day, count(*) as posts_published
    from {{ ref('stg_linkedin_dma__posts') }}
    where published_at is not null
    group by loaded_schema, organization, cast(published_at as date)
),

days as (
    select loaded_schema, organization, day from content
    union
    select loaded_schema, organization, day from visits
    union
    select loaded_schema, organization, day from {{ ref('stg_linkedin_dma__follower_gains') }}
    union
    select loaded_schema, organization, day from published
)

select
    days.loaded_schema,
    days.organization,
    organizations.organization_name,
    days.day,
    cast(content.impressions as bigint) as impressions,
    cast(content.unique_impressions as bigint) as unique_impressions,
    cast(content.organic_impressions as bigint) as organic_impressions,
    cast(content.sponsored_impressions as bigint) as sponsored_impressions,
    cast(content.clicks as bigint) as clicks,
    cast(content.reposts as bigint) as reposts,
    {{ linkedin_dma.rate('content.clicks', 'content.impressions') }} as click_through_rate,
    cast(visits.page_views as bigint) as page_views,
    cast(visits.unique_visitors as bigint) as unique_visitors,
    cast(visits.button_clicks as bigint) as button_clicks,
    cast(gains.gained as bigint) as followers_gained,
    cast(gains.gained_organic as bigint) as followers_gained_organic,
    cast(gains.gained_sponsored as bigint) as followers_gained_sponsored,
    cast(coalesce(published.posts_published, 0) as bigint) as posts_published
from days
left join {{ ref('stg_linkedin_dma__organizations') }} as organizations
    on organizations.loaded_schema = days.loaded_schema and organizations.organization = days.organization
left join content
    on content.loaded_schema = days.loaded_schema and content.organization = days.organization and content.day = days.day
left join visits
    on visits.loaded_schema = days.loaded_schema and visits.organization = days.organization and visits.day = days.day
left join {{ ref('stg_linkedin_dma__follower_gains') }} as gains
    on gains.loaded_schema = days.loaded_schema and gains.organization = days.organization and gains.day = days.day
left join published
    on published.loaded_schema = days.loaded_schema and published.organization = days.organization and published.day = days.day
