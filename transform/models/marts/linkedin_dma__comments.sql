{#- Persons: a view. -#}
with comments as (
    select
        *,
        coalesce(parent_comment, comment_urn) as thread,
        coalesce(actor, '') = organization as is_by_the_page
    from {{ ref('stg_linkedin_dma__comments') }}
    where not is_removed
),

answered as (
    select
        comments.loaded_schema,
        comments.comment_urn,
        min(replies.created_at) as answered_at
    from comments
    inner join comments as replies
        on replies.loaded_schema = comments.loaded_schema and replies.thread = comments.thread and replies.is_by_the_page
        and replies.created_at > comments.created_at
    group by comments.loaded_schema, comments.comment_urn
),

read_until as (
    select loaded_schema, organization, max(listed_at) as moment
    from {{ ref('stg_linkedin_dma__listings') }}
    group by loaded_schema, organization
)

select
    comments.loaded_schema,
    comments.organization,
    comments.comment_urn,
    comments.post,
    comments.parent_comment,
    comments.created_at,
    comments.actor,
    actors.name as actor_name,
    comments.text,
    comments.is_by_the_page,
    answered.answered_at,
    {{ linkedin_dma.hours_between('comments.created_at', 'answered.answered_at') }} as hours_to_answer,
    case
        when not comments.is_by_the_page and answered.answered_at is null
            then {{ linkedin_dma.hours_between('comments.created_at', 'read_until.moment') }}
    end as hours_unanswered
from comments
left join answered on answered.loaded_schema = comments.loaded_schema and answered.comment_urn = comments.comment_urn
left join {{ ref('stg_linkedin_dma__actors') }} as actors
    on actors.loaded_schema = comments.loaded_schema and actors.actor = comments.actor
left join read_until
    on read_until.loaded_schema = comments.loaded_schema and read_until.organization = comments.organization
