with posts as (
    select
        loaded_schema,
        organization,
        count(*) as posts,
        max(published_at) as last_published_at
    from {{ ref('stg_linkedin_dma__posts') }}
    group by loaded_schema, organization
),

figures as (
    select loaded_schema, organization, max(day) as figures_until
    from {{ ref('linkedin_dma__page_daily') }}
    where impressions is not null
    group by loaded_schema, organization
)

select
    organizations.loaded_schema,
    organizations.organization,
    organizations.organization_id,
    organizations.organization_name,
    organizations.vanity_name,
    organizations.organization_url,
    organizations.loaded_at,
    {{ linkedin_dma.hours_between('organizations.loaded_at', linkedin_dma.now()) }} as hours_since_loaded,
    figures.figures_until,
    coalesce(posts.posts, 0) as posts,
    posts.last_published_at
from {{ ref('stg_linkedin_dma__organizations') }} as organizations
left join posts on posts.loaded_schema = organizations.loaded_schema and posts.organization = organizations.organization
left join figures on figures.loaded_schema = organizations.loaded_schema and figures.organization = organizations.organization
