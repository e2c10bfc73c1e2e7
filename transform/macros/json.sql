{# The text at a path in a JSON value: names joined by dots. #}
{% macro json_text(value, path) %}{{ return(adapter.dispatch('json_text', 'linkedin_dma')(value, path)) }}{% endmacro %}

{% macro default__json_text(value, path) %}{{ return("(" ~ value ~ " #>> '{" ~ path | replace('.', ',') ~ "}')") }}{% endmacro %}

{% macro duckdb__json_text(value, path) %}{{ return("json_extract_string(" ~ value ~ ", '$." ~ path ~ "')") }}{% endmacro %}


{# The JSON value at a path. #}
{% macro json_value(value, path) %}{{ return(adapter.dispatch('json_value', 'linkedin_dma')(value, path)) }}{% endmacro %}

{% macro default__json_value(value, path) %}{{ return("(" ~ value ~ " #> '{" ~ path | replace('.', ',') ~ "}')") }}{% endmacro %}

{% macro duckdb__json_value(value, path) %}{{ return("json_extract(" ~ value ~ ", '$." ~ path ~ "')") }}{% endmacro %}


{# A join with the items of a JSON list, as the column `item` of `name`; no rows if it is no list. #}
{% macro cross_join_items(list, name) %}{{ return(adapter.dispatch('cross_join_items', 'linkedin_dma')(list, name)) }}{% endmacro %}

{% macro default__cross_join_items(list, name) %}
  {{ return("cross join lateral jsonb_array_elements(case when jsonb_typeof(" ~ list ~ ") = 'array' then " ~ list ~ " end) as " ~ name ~ " (item)") }}
{% endmacro %}

{% macro duckdb__cross_join_items(list, name) %}
  {{ return("cross join lateral (select unnest(from_json(" ~ list ~ ", '[\"json\"]')) as item) as " ~ name) }}
{% endmacro %}


{# A text that is itself in the item of a JSON list, such as an option's number. #}
{% macro item_text(item) %}{{ return(adapter.dispatch('item_text', 'linkedin_dma')(item)) }}{% endmacro %}

{% macro default__item_text(item) %}{{ return("(" ~ item ~ " #>> '{}')") }}{% endmacro %}

{% macro duckdb__item_text(item) %}{{ return("json_extract_string(" ~ item ~ ", '$')") }}{% endmacro %}


{# The text of a value by locale, as LinkedIn sends it: in the language of its author, else in any. #}
{% macro localized_text(value) %}{{ return(adapter.dispatch('localized_text', 'linkedin_dma')(value)) }}{% endmacro %}

{% macro default__localized_text(value) %}
  {%- set locale = "(" ~ value ~ " #>> '{preferredLocale,language}') || coalesce('_' || (" ~ value ~ " #>> '{preferredLocale,country}'), '')" -%}
  {{ return("coalesce(" ~ value ~ " -> 'localized' ->> (" ~ locale ~ "), (select min(named.value) from jsonb_each_text(case when jsonb_typeof(" ~ value ~ " -> 'localized') = 'object' then " ~ value ~ " -> 'localized' end) as named), " ~ value ~ " ->> 'value')") }}
{% endmacro %}

{% macro duckdb__localized_text(value) %}
  {%- set locale = "json_extract_string(" ~ value ~ ", '$.preferredLocale.language') || coalesce('_' || json_extract_string(" ~ value ~ ", '$.preferredLocale.country'), '')" -%}
  {{ return("coalesce(json_extract_string(" ~ value ~ ", '$.localized.' || " ~ locale ~ "), json_extract_string(" ~ value ~ ", '$.localized.' || json_keys(" ~ value ~ ", '$.localized')[1]), json_extract_string(" ~ value ~ ", '$.value'))") }}
{% endmacro %}
