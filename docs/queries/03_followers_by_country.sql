-- From which countries are our followers, and how many has each gained since the first run?
-- LinkedIn's terms forbid storing the names of places: look up the number in the URN by hand.
WITH span AS (
    SELECT organization, min(snapshot_date) AS oldest, max(snapshot_date) AS newest
    FROM follower_demographics
    WHERE dimension_type = 'COUNTRY_GEO'
    GROUP BY organization
)
SELECT
    span.organization,
    figures.dimension_value AS country,
    sum(figures.total_count) FILTER (WHERE figures.snapshot_date = span.newest) AS followers,
    sum(CASE figures.snapshot_date WHEN span.newest THEN figures.total_count ELSE 0 END)
    - sum(CASE figures.snapshot_date WHEN span.oldest THEN figures.total_count ELSE 0 END) AS gained
FROM follower_demographics AS figures
JOIN span ON span.organization = figures.organization
WHERE figures.dimension_type = 'COUNTRY_GEO'
GROUP BY span.organization, figures.dimension_value
ORDER BY followers DESC, country;
