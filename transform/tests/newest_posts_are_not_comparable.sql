-- Neither by the last count of a page's posts nor by the last day of their figures.
with newest as (
    select loaded_schema, organization, min(counted_on) as day
    from (
        select loaded_schema, organization, max(counted_on) as counted_on from {{ ref('linkedin_dma__posts') }}
        group by loaded_schema, organization
        union all
        select loaded_schema, organization, max(figures_until) from {{ ref('linkedin_dma__posts') }}
        group by loaded_schema, organization
    ) as days
    group by loaded_schema, organization
)

select posts.post
from {{ ref('linkedin_dma__posts') }} as posts
inner join newest on newest.loaded_schema = posts.loaded_schema and newest.organization = posts.organization
where posts.is_comparable
    and cast(posts.published_at as date) > {{ linkedin_dma.add_days('newest.day', -1 * var('linkedin_dma_settled_days')) }}
