-- Which posts of the last 90 days drew most engagement from those who saw them?
SELECT
    published_at::date AS published,
    content_kind AS kind,
    impressions,
    engagement AS engagements,
    round(100 * engagement_rate, 1) AS "rate %",
    left(regexp_replace(text, '\s+', ' ', 'g'), 48) AS post
FROM linkedin_dma__posts
WHERE is_comparable AND published_at >= now() AT TIME ZONE 'UTC' - interval '90 days'
ORDER BY engagement_rate DESC, published_at DESC
LIMIT 5;
