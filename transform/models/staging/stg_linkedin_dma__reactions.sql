-- Reactions to posts that LinkedIn still has, and those that are `is_removed`.
select
    reactions.loaded_schema,
    reactions.organization,
    reactions.post,
    reactions.row_key as reaction,
    reactions.reaction_type,
    reactions.actor,
    reactions.created_at,
    reactions.listed_at,
    listings.listed_at as post_listed_at,
    coalesce(reactions.listed_at < listings.listed_at, false) as is_removed
from (
    {{ linkedin_dma.loaded('reactions', {
        'organization': 'text', 'post': 'text', 'row_key': 'text', 'reaction_type': 'text', 'actor': 'text',
        'created_at': 'timestamp', 'listed_at': 'timestamp',
    }) }}
) as reactions
left join {{ ref('stg_linkedin_dma__listings') }} as listings
    on listings.loaded_schema = reactions.loaded_schema and listings.post = reactions.post and listings.kind = 'reactions'
