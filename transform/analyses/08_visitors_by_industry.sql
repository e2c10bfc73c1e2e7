-- In which industries do the page's visitors work?
-- Unique visitors of several months are not their sum.
select
    day as month,
    name as industry,
    members as visits,
    unique_members as unique_visitors,
    round(100 * share, 1) as percent
from linkedin_dma__audience
where audience = 'visitors' and dimension_type = 'INDUSTRY'
order by month desc, visits desc
