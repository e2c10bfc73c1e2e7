select posts.post
from {{ ref('linkedin_dma__posts') }} as posts
where posts.is_comparable and cast(posts.published_at as date) >= {{ linkedin_dma.add_days('posts.counted_on', -1 * var('linkedin_dma_settled_days')) }}
    and posts.counted_on = (
        select max(newest.counted_on)
        from {{ ref('stg_linkedin_dma__engagement') }} as newest
        where newest.loaded_schema = posts.loaded_schema and newest.organization = posts.organization
    )
