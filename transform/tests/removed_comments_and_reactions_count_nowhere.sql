select removed.thing
from {{ ref('linkedin_dma__removed') }} as removed
inner join {{ ref('linkedin_dma__comments') }} as comments
    on comments.loaded_schema = removed.loaded_schema and comments.comment_urn = removed.thing
where removed.kind = 'comment'
