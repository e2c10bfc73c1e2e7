-- From which countries do followers come, and how does that change?
-- LinkedIn gives today's followers alone, so that the history begins with the first run; the names of places may not be stored, so
-- that countries are URNs.
select
    day,
    dimension_value as country,
    members,
    round(100 * share, 1) as percent
from linkedin_dma__audience
where audience = 'followers' and dimension_type = 'COUNTRY_GEO'
order by day desc, members desc
