-- Which posts of the last 90 days drew most engagement from those who saw them?
WITH engagement AS (
    SELECT
        post,
        sum(total_count) FILTER (WHERE type = 'IMPRESSIONS') AS impressions,
        sum(total_count) FILTER (WHERE type IN ('CLICKS', 'COMMENTS', 'REACTIONS', 'REPOSTS')) AS engagements
    FROM post_content_trend
    WHERE granularity = 'DAY'
    GROUP BY post
)
SELECT
    published_at::date AS published,
    content_kind AS kind,
    impressions::bigint,
    engagements::bigint,
    round(100 * engagements / impressions, 1) AS "rate %",
    left(regexp_replace(text, '\s+', ' ', 'g'), 48) AS post
FROM engagement
JOIN posts ON posts.id = engagement.post
WHERE published_at >= now() AT TIME ZONE 'UTC' - interval '90 days' AND impressions > 0
ORDER BY engagements / impressions DESC, published_at DESC
LIMIT 5;
