{#- The text of a post may mention a member: a view. -#}
with figures as (
    select
        loaded_schema,
        post,
        min(day) as first_day,
        max(day) as last_day,
        sum(impressions) as impressions,
        sum(organic_impressions) as organic_impressions,
        sum(sponsored_impressions) as sponsored_impressions,
        sum(clicks) as clicks,
        sum(reposts) as reposts
    from {{ ref('linkedin_dma__post_daily') }}
    group by loaded_schema, post
),

-- The day up to which there are both counts and figures, whenever these models are built.
read_until as (
    select loaded_schema, organization, min(day) as day
    from (
        select loaded_schema, organization, max(counted_on) as day
        from {{ ref('stg_linkedin_dma__engagement') }}
        group by loaded_schema, organization
        union all
        select loaded_schema, organization, {{ linkedin_dma.add_days('max(day)', 1) }}
        from {{ ref('linkedin_dma__post_daily') }}
        group by loaded_schema, organization
    ) as days
    group by loaded_schema, organization
),

first_comments as (
    select loaded_schema, post, min(created_at) as first_comment_at
    from {{ ref('stg_linkedin_dma__comments') }}
    where not is_removed and coalesce(actor, '') <> organization
    group by loaded_schema, post
),

joined as (
    select
        posts.*,
        organizations.organization_name,
        {{ linkedin_dma.local_time('posts.published_at') }} as published_locally,
        engagement.counted_on,
        engagement.comments,
        engagement.reactions,
        engagement.likes,
        engagement.praises,
        engagement.empathies,
        engagement.appreciations,
        engagement.interests,
        engagement.entertainments,
        figures.impressions,
        figures.organic_impressions,
        figures.sponsored_impressions,
        figures.clicks,
        figures.reposts,
        figures.first_day as figures_from,
        figures.last_day as figures_until,
        engagement.comments + engagement.reactions + coalesce(figures.clicks, 0) + coalesce(figures.reposts, 0) as engagement,
        coalesce(figures.first_day <= cast(posts.published_at as date), false) as is_measured_from_the_start,
        coalesce(
            cast(posts.published_at as date) < {{ linkedin_dma.add_days('read_until.day', -1 * var('linkedin_dma_settled_days')) }}, false
        ) as is_settled,
        availability.status as availability,
        first_comments.first_comment_at
    from {{ ref('stg_linkedin_dma__posts') }} as posts
    left join {{ ref('stg_linkedin_dma__organizations') }} as organizations
        on organizations.loaded_schema = posts.loaded_schema and organizations.organization = posts.organization
    left join {{ ref('stg_linkedin_dma__engagement') }} as engagement
        on engagement.loaded_schema = posts.loaded_schema and engagement.post = posts.post and engagement.is_newest
    left join figures on figures.loaded_schema = posts.loaded_schema and figures.post = posts.post
    left join read_until on read_until.loaded_schema = posts.loaded_schema and read_until.organization = posts.organization
    left join first_comments on first_comments.loaded_schema = posts.loaded_schema and first_comments.post = posts.post
    left join (
        {{ linkedin_dma.loaded('post_availability', {'post': 'text', 'status': 'text'}) }}
    ) as availability
        on availability.loaded_schema = posts.loaded_schema and availability.post = posts.post
)

select
    loaded_schema,
    organization,
    organization_name,
    post,
    url,
    title,
    text,
    content_kind,
    visibility,
    lifecycle_state,
    reshared_post,
    is_edited,
    published_at,
    cast(extract(isodow from published_locally) as integer) as published_weekday,
    cast(extract(hour from published_locally) as integer) as published_hour,
    availability,
    counted_on,
    comments,
    reactions,
    likes,
    praises,
    empathies,
    appreciations,
    interests,
    entertainments,
    cast(impressions as bigint) as impressions,
    cast(organic_impressions as bigint) as organic_impressions,
    cast(sponsored_impressions as bigint) as sponsored_impressions,
    cast(clicks as bigint) as clicks,
    cast(reposts as bigint) as reposts,
    cast(engagement as bigint) as engagement,
    {{ linkedin_dma.rate('engagement', 'impressions') }} as engagement_rate,
    {{ linkedin_dma.rate('clicks', 'impressions') }} as click_through_rate,
    figures_from,
    figures_until,
    is_settled,
    is_measured_from_the_start,
    is_settled and is_measured_from_the_start and impressions > 0 as is_comparable,
    first_comment_at,
    {{ linkedin_dma.hours_between('published_at', 'first_comment_at') }} as hours_to_first_comment
from joined
