select
    loaded_schema,
    organization,
    cast("start" as date) as day,
    sum(total_count) as gained,
    sum(organic_value) as gained_organic,
    sum(sponsored_value) as gained_sponsored
from (
    {{ linkedin_dma.loaded('follower_trend', {
        'organization': 'text', 'granularity': 'text', 'start': 'timestamp', 'total_count': 'bigint', 'organic_value': 'bigint',
        'sponsored_value': 'bigint',
    }) }}
) as loaded
where granularity = 'DAY'
group by loaded_schema, organization, cast("start" as date)
