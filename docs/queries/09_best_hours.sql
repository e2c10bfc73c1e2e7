-- At which hour of which weekday do our posts get most comments and reactions?
-- Put your own time zone in place of Europe/Berlin. Weekday 1 is Monday.
WITH counts AS (
    SELECT
        entity,
        comment_count + reaction_count AS responses,
        row_number() OVER (PARTITION BY entity ORDER BY snapshot_date DESC) AS place
    FROM social_metadata
),
local AS (
    SELECT id, published_at AT TIME ZONE 'UTC' AT TIME ZONE 'Europe/Berlin' AS published_at
    FROM posts
)
SELECT
    extract(isodow FROM local.published_at) AS weekday,
    extract(hour FROM local.published_at) AS hour,
    count(*) AS posts,
    round(CAST(avg(counts.responses) AS numeric), 1) AS responses_per_post
FROM local
JOIN counts ON counts.entity = local.id AND counts.place = 1
GROUP BY 1, 2
ORDER BY responses_per_post DESC, weekday, hour;
