-- Never those of analytics, which are noisy.
select posts.post
from {{ ref('linkedin_dma__posts') }} as posts
inner join {{ ref('stg_linkedin_dma__engagement') }} as engagement
    on engagement.loaded_schema = posts.loaded_schema and engagement.post = posts.post and engagement.is_newest
where posts.comments is distinct from engagement.comments or posts.reactions is distinct from engagement.reactions
