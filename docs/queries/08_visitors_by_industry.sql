-- From which industries are our visitors, month by month?
-- Unique visitors do not sum up over months.
SELECT
    CAST(figures.start AS date) AS month_of,
    industries.localized_name AS industry,
    sum(figures.total_count) AS visits,
    sum(figures.unique_count) AS unique_visitors
FROM visitor_demographics AS figures
LEFT JOIN industries ON industries.urn = figures.dimension_value
WHERE figures.dimension_type = 'INDUSTRY' AND figures.source_type = 'ALL'
GROUP BY 1, figures.dimension_value, industries.localized_name
ORDER BY month_of DESC, visits DESC, figures.dimension_value;
