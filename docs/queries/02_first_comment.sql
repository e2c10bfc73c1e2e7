-- How long does a post wait for its first comment by somebody else?
-- A comment whose author LinkedIn does not show counts as somebody else's.
WITH firsts AS (
    SELECT posts.id, posts.published_at, min(comments.created_at) AS first_comment_at
    FROM posts
    JOIN comments ON comments.post = posts.id AND comments.actor IS DISTINCT FROM posts.organization
    GROUP BY posts.id, posts.published_at
)
SELECT
    count(*) AS posts,
    percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM first_comment_at - published_at) / 3600) AS median_hours
FROM firsts;
