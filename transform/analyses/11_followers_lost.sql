-- Who stopped following?
-- Only of those whom LinkedIn lists, and only with target-postgres, which marks rows that a whole listing no longer has. One that a member
-- left who did not agree to be shown cannot be told from another's.
select
    cast(noticed_at as date) as day,
    count(*) as lost_followers
from linkedin_dma__removed
where kind = 'follower'
group by cast(noticed_at as date)
order by day desc
