{#- Persons: a view. -#}
with acts as (
    select loaded_schema, organization, actor, post, created_at, 'comment' as kind
    from {{ ref('stg_linkedin_dma__comments') }}
    where not is_removed and actor is not null
    union all
    select loaded_schema, organization, actor, post, created_at, 'reaction'
    from {{ ref('stg_linkedin_dma__reactions') }}
    where not is_removed and actor is not null
),

followers as (
    select distinct loaded_schema, organization, follower
    from (
        {{ linkedin_dma.loaded('followers', {'organization': 'text', 'follower': 'text'}) }}
    ) as loaded
    where follower is not null
)

select
    acts.loaded_schema,
    acts.organization,
    acts.actor,
    actors.name,
    actors.headline,
    acts.actor not like 'urn:li:person:%' as is_organization,
    acts.actor = acts.organization as is_own_page,
    sum(case when acts.kind = 'comment' then 1 else 0 end) as comments,
    sum(case when acts.kind = 'reaction' then 1 else 0 end) as reactions,
    count(distinct acts.post) as posts,
    min(acts.created_at) as first_engaged_at,
    max(acts.created_at) as last_engaged_at,
    max(case when followers.follower is not null then 1 else 0 end) = 1 as is_follower
from acts
left join {{ ref('stg_linkedin_dma__actors') }} as actors
    on actors.loaded_schema = acts.loaded_schema and actors.actor = acts.actor
left join followers
    on followers.loaded_schema = acts.loaded_schema and followers.organization = acts.organization
    and followers.follower = acts.actor
group by acts.loaded_schema, acts.organization, acts.actor, actors.name, actors.headline
