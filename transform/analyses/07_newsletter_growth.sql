-- How do the newsletters grow?
-- LinkedIn gives the present count alone, so that the history begins with the first run.
select
    title,
    day,
    subscribers,
    change
from linkedin_dma__newsletters
order by day desc, subscribers desc
