-- Comments that LinkedIn still has. Those that it no longer listed when it listed the post's comments are `is_removed`.
select
    comments.loaded_schema,
    comments.organization,
    comments.post,
    comments.urn as comment_urn,
    comments.parent_comment,
    comments.actor,
    comments.text,
    comments.created_at,
    comments.listed_at,
    listings.listed_at as post_listed_at,
    coalesce(comments.listed_at < listings.listed_at, false) as is_removed
from (
    {{ linkedin_dma.loaded('comments', {
        'organization': 'text', 'post': 'text', 'urn': 'text', 'parent_comment': 'text', 'actor': 'text', 'text': 'text',
        'created_at': 'timestamp', 'listed_at': 'timestamp',
    }) }}
) as comments
left join {{ ref('stg_linkedin_dma__listings') }} as listings
    on listings.loaded_schema = comments.loaded_schema and listings.post = comments.post and listings.kind = 'comments'
