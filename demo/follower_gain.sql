-- How many followers did our pages gain in each of the last 13 weeks?
SELECT
    date_trunc('week', start)::date AS "week of",
    sum(total_count)::bigint AS gained,
    sum(organic_value)::bigint AS organic,
    sum(sponsored_value)::bigint AS sponsored
FROM follower_trend
WHERE granularity = 'DAY'
GROUP BY date_trunc('week', start)
ORDER BY date_trunc('week', start) DESC
LIMIT 13;
