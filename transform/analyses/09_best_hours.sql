-- When do posts get most engagement?
-- In the time zone of linkedin_dma_time_zone; an hour with one post is chance.
select
    weekday,
    hour,
    sum(posts) as posts,
    round(100.0 * sum(engagement) / sum(impressions), 2) as engagement_percent
from linkedin_dma__best_times
group by weekday, hour
order by engagement_percent desc
