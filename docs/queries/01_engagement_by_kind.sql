-- Which kind of content draws most engagement from those who see it?
-- Comments and reactions are counted by social_metadata, since analytics gives 0 below LinkedIn's threshold.
-- Posts of the last three days are left out: their impressions are late.
WITH counts AS (
    SELECT
        entity,
        comment_count + reaction_count AS responses,
        row_number() OVER (PARTITION BY entity ORDER BY snapshot_date DESC) AS place
    FROM social_metadata
),
figures AS (
    SELECT
        post,
        sum(total_count) FILTER (WHERE type = 'IMPRESSIONS') AS impressions,
        sum(total_count) FILTER (WHERE type = 'CLICKS') AS clicks,
        max(max(start)) OVER () AS newest
    FROM post_content_trend
    WHERE granularity = 'DAY'
    GROUP BY post
)
SELECT
    posts.content_kind,
    count(*) AS posts,
    sum(figures.impressions) AS impressions,
    sum(figures.clicks + counts.responses) AS engagements,
    round(CAST(100 * sum(figures.clicks + counts.responses) / sum(figures.impressions) AS numeric), 2) AS rate_percent
FROM posts
JOIN figures ON figures.post = posts.id
JOIN counts ON counts.entity = posts.id AND counts.place = 1
WHERE figures.impressions > 0 AND posts.published_at < figures.newest - INTERVAL '3' DAY
GROUP BY posts.content_kind
ORDER BY rate_percent DESC;
