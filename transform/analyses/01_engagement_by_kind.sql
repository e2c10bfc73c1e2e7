-- Which kind of content draws most engagement from those who see it?
select
    content_kind,
    sum(comparable_posts) as posts,
    sum(impressions) as impressions,
    round(100.0 * sum(engagement) / sum(impressions), 2) as engagement_percent
from linkedin_dma__content_performance
where impressions > 0
group by content_kind
order by engagement_percent desc
