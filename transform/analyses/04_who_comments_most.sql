-- Who commented most?
-- Members who did not agree to be shown are not in it.
select
    name,
    headline,
    comments,
    reactions,
    is_follower,
    last_engaged_at
from linkedin_dma__engagers
where not is_own_page
order by comments desc, reactions desc
limit 20
