-- Which comments has the page left unanswered for more than a day?
-- An answer given on LinkedIn since the last run is not known yet.
select
    post,
    created_at,
    actor_name,
    text,
    hours_unanswered
from linkedin_dma__comments
where hours_unanswered > 24
order by created_at desc
