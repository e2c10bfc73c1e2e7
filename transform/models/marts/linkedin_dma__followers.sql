{{ config(materialized='table') }}
with gains as (
    select
        *,
        sum(gained) over (partition by loaded_schema, organization order by day) as gained_so_far
    from {{ ref('stg_linkedin_dma__follower_gains') }}
),

-- Totals that an admin has read off the page: LinkedIn gives gains alone.
anchors as (
    select
        known.organization,
        known.day,
        known.total,
        organizations.loaded_schema,
        coalesce(sum(gains.gained), 0) as gained_so_far,
        row_number() over (partition by organizations.loaded_schema, known.organization order by known.day) = 1 as is_first,
        lead(known.day) over (partition by organizations.loaded_schema, known.organization order by known.day) as next_day
    from {{ ref('follower_totals') }} as known
    inner join {{ ref('stg_linkedin_dma__organizations') }} as organizations on organizations.organization = known.organization
    left join {{ ref('stg_linkedin_dma__follower_gains') }} as gains
        on gains.loaded_schema = organizations.loaded_schema and gains.organization = known.organization and gains.day <= known.day
    group by known.organization, known.day, known.total, organizations.loaded_schema
)

select
    gains.loaded_schema,
    gains.organization,
    organizations.organization_name,
    gains.day,
    cast(gains.gained as bigint) as gained,
    cast(gains.gained_organic as bigint) as gained_organic,
    cast(gains.gained_sponsored as bigint) as gained_sponsored,
    cast(gains.gained_so_far as bigint) as gained_so_far,
    -- The newest total that was known on the day; before the first one, counted backwards.
    cast(anchors.total + gains.gained_so_far - anchors.gained_so_far as bigint) as total
from gains
left join {{ ref('stg_linkedin_dma__organizations') }} as organizations
    on organizations.loaded_schema = gains.loaded_schema and organizations.organization = gains.organization
left join anchors
    on anchors.loaded_schema = gains.loaded_schema and anchors.organization = gains.organization
    and (anchors.day <= gains.day or anchors.is_first) and (anchors.next_day > gains.day or anchors.next_day is null)
