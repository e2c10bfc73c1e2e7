-- How long does a post wait for its first comment?
-- A member whom LinkedIn does not show counts as somebody else than the page.
select
    content_kind,
    count(hours_to_first_comment) as commented_posts,
    percentile_cont(0.5) within group (order by hours_to_first_comment) as median_hours
from linkedin_dma__posts
group by content_kind
order by median_hours
