-- How do our newsletters grow?
-- One row for each day with a run.
SELECT
    counts.content_series,
    series.localized_title AS title,
    counts.snapshot_date,
    counts.subscriber_count,
    counts.subscriber_count
    - lag(counts.subscriber_count) OVER (PARTITION BY counts.content_series ORDER BY counts.snapshot_date) AS gained
FROM series_subscriber_counts AS counts
LEFT JOIN content_series AS series ON series.content_series_urn = counts.content_series
ORDER BY counts.content_series, counts.snapshot_date;
