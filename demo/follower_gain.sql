-- How many followers did our pages gain in each of the last 13 weeks?
SELECT
    date_trunc('week', day)::date AS "week of",
    sum(gained)::bigint AS gained,
    sum(gained_organic)::bigint AS organic,
    sum(gained_sponsored)::bigint AS sponsored
FROM linkedin_dma__followers
GROUP BY date_trunc('week', day)
ORDER BY date_trunc('week', day) DESC
LIMIT 13;
