{{ config(materialized='table') }}
with leads as (
    select
        loaded_schema,
        organization,
        form,
        cast(date_trunc('month', submitted_at) as date) as month,
        sum(case when is_test then 0 else 1 end) as leads,
        sum(case when not is_test and submitter is not null then 1 else 0 end) as named_leads,
        {%- for type in ['COMPANY', 'EVENT', 'ORGANIZATION_PRODUCT', 'SPONSORED'] %}
        sum(case when not is_test and lead_type = '{{ type }}' then 1 else 0 end) as {{ type | lower }}_leads,
        {%- endfor %}
        sum(case when is_test then 1 else 0 end) as test_leads
    from {{ ref('stg_linkedin_dma__leads') }}
    where form is not null and submitted_at is not null
    group by loaded_schema, organization, form, cast(date_trunc('month', submitted_at) as date)
),

page as (
    select
        loaded_schema,
        organization,
        cast(date_trunc('month', day) as date) as month,
        sum(page_views) as page_views,
        sum(button_clicks) as button_clicks
    from {{ ref('linkedin_dma__page_daily') }}
    group by loaded_schema, organization, cast(date_trunc('month', day) as date)
)

select
    leads.loaded_schema,
    leads.organization,
    organizations.organization_name,
    leads.form,
    forms.form_name,
    forms.state as form_state,
    leads.month,
    cast(page.page_views as bigint) as page_views,
    cast(page.button_clicks as bigint) as button_clicks,
    leads.leads,
    leads.named_leads,
    leads.company_leads,
    leads.event_leads,
    leads.organization_product_leads,
    leads.sponsored_leads,
    leads.test_leads
from leads
left join {{ ref('stg_linkedin_dma__organizations') }} as organizations
    on organizations.loaded_schema = leads.loaded_schema and organizations.organization = leads.organization
left join {{ ref('stg_linkedin_dma__forms') }} as forms
    on forms.loaded_schema = leads.loaded_schema and forms.form = leads.form and forms.is_newest
left join page
    on page.loaded_schema = leads.loaded_schema and page.organization = leads.organization and page.month = leads.month
