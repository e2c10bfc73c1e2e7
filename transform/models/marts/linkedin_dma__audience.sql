{#- It has names of LinkedIn's reference lists: a view. -#}
with loaded as (
    select
        loaded_schema,
        organization,
        'followers' as audience,
        snapshot_date as day,
        snapshot_date as until_day,
        dimension_type,
        dimension_value,
        total_count as members,
        cast(null as bigint) as unique_members
    from (
        {{ linkedin_dma.loaded('follower_demographics', {
            'organization': 'text', 'dimension_type': 'text', 'dimension_value': 'text', 'snapshot_date': 'date',
            'total_count': 'bigint',
        }) }}
    ) as followers
    union all
    select
        loaded_schema,
        organization,
        'visitors',
        cast("start" as date),
        {{ linkedin_dma.add_days('cast("end" as date)', -1) }},
        dimension_type,
        dimension_value,
        total_count,
        unique_count
    from (
        {{ linkedin_dma.loaded('visitor_demographics', {
            'organization': 'text', 'source_type': 'text', 'dimension_type': 'text', 'dimension_value': 'text', 'start': 'timestamp',
            'end': 'timestamp', 'total_count': 'bigint', 'unique_count': 'bigint',
        }) }}
    ) as visitors
    where source_type = 'ALL'
)

select
    loaded.loaded_schema,
    loaded.organization,
    organizations.organization_name,
    loaded.audience,
    loaded.day,
    loaded.until_day,
    loaded.dimension_type,
    loaded.dimension_value,
    coalesce(
        names.name,
        case when loaded.dimension_value like 'urn:%' then null else lower(replace(loaded.dimension_value, '_', ' ')) end
    ) as name,
    loaded.members,
    loaded.unique_members,
    {{ linkedin_dma.rate(
        'loaded.members',
        'sum(loaded.members) over (partition by loaded.loaded_schema, loaded.organization, loaded.audience, loaded.day, loaded.dimension_type)'
    ) }} as share
from loaded
left join {{ ref('stg_linkedin_dma__organizations') }} as organizations
    on organizations.loaded_schema = loaded.loaded_schema and organizations.organization = loaded.organization
left join {{ ref('stg_linkedin_dma__reference_names') }} as names
    on names.loaded_schema = loaded.loaded_schema and names.urn = loaded.dimension_value
