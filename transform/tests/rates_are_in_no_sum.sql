-- A metric that is a rate, or that counts members, adds nothing to impressions and clicks.
with loaded as (
    select loaded_schema, sum(total_count) as figures
    from (
        {{ linkedin_dma.loaded('post_content_trend', {'type': 'text', 'granularity': 'text', 'total_count': 'numeric'}) }}
    ) as loaded
    where granularity = 'DAY' and type in ('IMPRESSIONS', 'CLICKS')
    group by loaded_schema
),

built as (
    select loaded_schema, sum(coalesce(impressions, 0) + coalesce(clicks, 0)) as figures
    from {{ ref('linkedin_dma__post_daily') }}
    group by loaded_schema
)

select loaded.loaded_schema
from loaded
left join built on built.loaded_schema = loaded.loaded_schema
where loaded.figures is distinct from cast(built.figures as {{ linkedin_dma.sql_type('numeric') }})
