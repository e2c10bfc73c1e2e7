{#- The text of a post may mention a member: a view. The columns are those that Fivetran's social media rollup reads. -#}
select
    split_part(post, ':', 4) as post_id,
    split_part(post, ':', 4) as ugc_post_id,
    split_part(post, ':', 3) as post_type,
    organization as post_author,
    url as post_url,
    published_at as created_timestamp,
    published_at as first_published_timestamp,
    lifecycle_state,
    text as commentary,
    title as post_title,
    content_kind as content_type,
    split_part(organization, ':', 4) as organization_id,
    organization_name,
    clicks as click_count,
    comments as comment_count,
    impressions as impression_count,
    reactions as like_count,
    reposts as share_count,
    loaded_schema as source_relation
from {{ ref('linkedin_dma__posts') }}
