{# A part over a whole, as a fraction; null if there is no whole. #}
{% macro rate(part, whole) %}{{ return("round(cast(1.0 * (" ~ part ~ ") / nullif(" ~ whole ~ ", 0) as " ~ linkedin_dma.sql_type('numeric') ~ "), 6)") }}{% endmacro %}


{# A moment in UTC, as the clock shows it in the time zone of the variable linkedin_dma_time_zone. #}
{% macro local_time(moment) %}{{ return("((" ~ moment ~ ") at time zone 'UTC' at time zone '" ~ var('linkedin_dma_time_zone') ~ "')") }}{% endmacro %}


{# The sum of one metric of a table that has a row for each metric. #}
{% macro metric(type, column='total_count') %}{{ return("sum(case when type = '" ~ type ~ "' then " ~ column ~ " end)") }}{% endmacro %}


{# A day so many days later. #}
{% macro add_days(day, number) %}{{ return("cast(" ~ day ~ " + " ~ number ~ " * interval '1 day' as date)") }}{% endmacro %}


{# Hours from one moment to a later one, as a fraction. #}
{% macro hours_between(start, end) %}{{ return("round(cast(extract(epoch from (" ~ end ~ " - " ~ start ~ ")) / 3600 as " ~ linkedin_dma.sql_type('numeric') ~ "), 2)") }}{% endmacro %}


{# The present moment in UTC, without a zone, as all loaded times are. #}
{% macro now() %}{{ return("cast(current_timestamp at time zone 'UTC' as timestamp)") }}{% endmacro %}
