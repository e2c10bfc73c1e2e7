{#- A follower, or the key of a reaction, is a person: a view. -#}
-- LinkedIn reports no deletion. There are three ways to notice one: a post that is gone when it is asked for, a comment or
-- reaction that its post's listing no longer has, and a row that a whole listing no longer has.
select
    loaded_schema,
    organization,
    'post' as kind,
    post as thing,
    post,
    cast(null as timestamp) as last_seen_at,
    checked_at as noticed_at
from (
    {{ linkedin_dma.loaded('post_availability', {
        'organization': 'text', 'post': 'text', 'status': 'text', 'checked_at': 'timestamp',
    }) }}
) as availability
where status = 'gone'
union all
select loaded_schema, organization, 'comment', comment_urn, post, listed_at, post_listed_at
from {{ ref('stg_linkedin_dma__comments') }}
where is_removed
union all
select loaded_schema, organization, 'reaction', reaction, post, listed_at, post_listed_at
from {{ ref('stg_linkedin_dma__reactions') }}
where is_removed
{%- for kind, stream, key in [
    ('follower', 'followers', 'row_key'),
    ('followed page', 'following', 'row_key'),
    ('newsletter', 'content_series', 'content_series_urn'),
    ('newsletter subscriber', 'series_subscribers', 'row_key'),
    ('event', 'events', 'urn'),
    ('event attendee', 'event_role_assignments', 'row_key'),
    ('admin', 'organization_acls', 'row_key'),
    ('product', 'products', 'row_key'),
] %}
union all
select loaded_schema, organization, '{{ kind }}', {{ key }}, null, loaded_at, deleted_at
from (
    {{ linkedin_dma.loaded(stream, {'organization': 'text', key: 'text', '_sdc_extracted_at': 'timestamp'}, deleted=true) }}
) as {{ stream }} (loaded_schema, organization, {{ key }}, loaded_at, deleted_at)
{%- endfor %}
