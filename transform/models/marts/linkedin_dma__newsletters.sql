{{ config(materialized='table') }}
select
    counts.loaded_schema,
    counts.organization,
    organizations.organization_name,
    counts.content_series as newsletter,
    series.localized_title as title,
    counts.snapshot_date as day,
    counts.subscriber_count as subscribers,
    counts.subscriber_count - lag(counts.subscriber_count) over (
        partition by counts.loaded_schema, counts.content_series order by counts.snapshot_date
    ) as change
from (
    {{ linkedin_dma.loaded('series_subscriber_counts', {
        'organization': 'text', 'content_series': 'text', 'snapshot_date': 'date', 'subscriber_count': 'bigint',
    }) }}
) as counts
left join (
    {{ linkedin_dma.loaded('content_series', {'content_series_urn': 'text', 'localized_title': 'text'}) }}
) as series
    on series.loaded_schema = counts.loaded_schema and series.content_series_urn = counts.content_series
left join {{ ref('stg_linkedin_dma__organizations') }} as organizations
    on organizations.loaded_schema = counts.loaded_schema and organizations.organization = counts.organization
