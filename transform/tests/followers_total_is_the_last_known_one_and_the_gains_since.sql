select known.organization, known.day
from {{ ref('follower_totals') }} as known
inner join {{ ref('linkedin_dma__followers') }} as followers
    on followers.organization = known.organization and followers.day = known.day
where followers.total <> known.total
union all
select followers.organization, followers.day
from (
    select *, total - lag(total) over (partition by loaded_schema, organization order by day) as change
    from {{ ref('linkedin_dma__followers') }}
) as followers
left join {{ ref('follower_totals') }} as known
    on known.organization = followers.organization and known.day = followers.day
where known.total is null and followers.change <> followers.gained
