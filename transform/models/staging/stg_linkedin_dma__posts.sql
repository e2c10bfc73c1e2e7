select
    loaded_schema,
    organization,
    id as post,
    author,
    url,
    text,
    coalesce(
        {{ linkedin_dma.json_text('content', 'article.title') }},
        {{ linkedin_dma.json_text('content', 'media.title') }},
        {{ linkedin_dma.json_text('content', 'poll.question') }}
    ) as title,
    coalesce(content_kind, 'none') as content_kind,
    visibility,
    lifecycle_state,
    created_at,
    published_at,
    last_modified_at,
    {{ linkedin_dma.json_text('reshare_context', 'parent') }} as reshared_post,
    coalesce({{ linkedin_dma.json_text('lifecycle_state_info', 'isEditedByAuthor') }} = 'true', false) as is_edited
from (
    {{ linkedin_dma.loaded('posts', {
        'organization': 'text', 'id': 'text', 'author': 'text', 'url': 'text', 'text': 'text', 'content': 'json',
        'content_kind': 'text', 'visibility': 'text', 'lifecycle_state': 'text', 'lifecycle_state_info': 'json',
        'reshare_context': 'json', 'created_at': 'timestamp', 'published_at': 'timestamp', 'last_modified_at': 'timestamp',
    }) }}
) as loaded
