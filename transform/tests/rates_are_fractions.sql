-- Where impressions are enough for LinkedIn's noise not to matter.
select post, day as of_what, click_through_rate as rate
from {{ ref('linkedin_dma__post_daily') }}
where impressions >= 1000 and click_through_rate not between 0 and 1
union all
select post, null, engagement_rate
from {{ ref('linkedin_dma__posts') }}
where is_comparable and impressions >= 1000 and engagement_rate not between 0 and 1
