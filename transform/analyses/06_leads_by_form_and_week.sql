-- How many leads does each form bring in a week?
select
    form_name,
    cast(date_trunc('week', submitted_at) as date) as week_of,
    count(distinct lead) as leads
from linkedin_dma__lead_answers
where not is_test
group by form_name, cast(date_trunc('week', submitted_at) as date)
order by week_of desc, leads desc
