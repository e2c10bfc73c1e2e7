-- The newest look best, since their comments are current and their impressions are not.
with best as (
    select loaded_schema, organization, sum(posts) as posts from {{ ref('linkedin_dma__best_times') }} group by loaded_schema, organization
),

settled as (
    select loaded_schema, organization, count(*) as posts
    from {{ ref('linkedin_dma__posts') }}
    where is_settled and is_measured_from_the_start and impressions > 0 and engagement is not null
    group by loaded_schema, organization
)

select best.organization
from best
full outer join settled on settled.loaded_schema = best.loaded_schema and settled.organization = best.organization
where best.posts is distinct from settled.posts
