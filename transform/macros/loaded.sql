{# The rows of a stream, from every schema that the tap has loaded, with these columns and no others.

A stream that was never loaded gives no rows, and a column that an older release of the tap did not have is null, so that
every model can be built whatever was selected. Rows that target-postgres has marked as deleted are left out, unless
`deleted` asks for them alone, with the time as `deleted_at`.

Args:
    stream: the name of the stream, which is that of its table.
    columns: the type of each column: text, bigint, numeric, boolean, timestamp, date or json.
    deleted: whether to give the deleted rows in place of the others.
#}
{% macro loaded(stream, columns, deleted=false) %}
  {%- set parts = [] -%}
  {%- if execute -%}
    {%- for schema in linkedin_dma.loaded_schemas() -%}
      {%- set relation = api.Relation.create(database=target.database, schema=schema, identifier=stream) -%}
      {%- set names = adapter.get_columns_in_relation(relation) | map(attribute='name') | list -%}
      {#- A table without columns is one that dbt's role may not read: the query says so. -#}
      {%- if (names or stream in linkedin_dma.tables_in(schema)) and ('_sdc_deleted_at' in names or not deleted) -%}
        {%- set rows -%}
          select
            '{{ schema }}' as loaded_schema
            {%- for name, type in columns.items() %},
            {{ linkedin_dma.as_type(adapter.quote(name), type) if name in names else 'cast(null as ' ~ linkedin_dma.sql_type(type) ~ ')' }}
              as {{ adapter.quote(name) }}
            {%- endfor %}
            {%- if deleted %}, cast(_sdc_deleted_at as timestamp) as deleted_at{% endif %}
          from {{ relation }}
          {%- if '_sdc_deleted_at' in names %} where _sdc_deleted_at is {{ 'not ' if deleted }}null{% endif %}
        {%- endset -%}
        {%- do parts.append(rows) -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {%- if not parts -%}
    {%- set empty -%}
      select
        cast(null as {{ linkedin_dma.sql_type('text') }}) as loaded_schema
        {%- for name, type in columns.items() %},
        cast(null as {{ linkedin_dma.sql_type(type) }}) as {{ adapter.quote(name) }}
        {%- endfor %}
        {%- if deleted %}, cast(null as timestamp) as deleted_at{% endif %}
      where false
    {%- endset -%}
    {%- do parts.append(empty) -%}
  {%- endif -%}
  {{ parts | join('\nunion all\n') }}
{% endmacro %}


{# The names of the tables in a schema. The database itself is asked: while one thread fills dbt's cache of a schema, the
others take the tables that are not in it yet for missing, and models of no rows would be built of them. #}
{% macro tables_in(schema) %}
  {%- set names = [] -%}
  {%- for row in list_relations_without_caching(api.Relation.create(database=target.database, schema=schema)) -%}
    {#- PostgreSQL's list has functions too, and schemas of which the name matches as a pattern. -#}
    {%- if row['schema'] | lower == schema | lower and row['type'] != 'function' -%}
      {%- do names.append(row['name']) -%}
    {%- endif -%}
  {%- endfor -%}
  {{ return(names) }}
{% endmacro %}


{# The schemas that the tap has loaded: LINKEDIN_DMA_SCHEMAS, or the variable linkedin_dma_schemas. #}
{% macro loaded_schemas() %}
  {%- set of_target = {'duckdb': 'main'}.get(target.type, 'linkedin') -%}
  {%- set named = var('linkedin_dma_schemas', env_var('LINKEDIN_DMA_SCHEMAS', '') or of_target) -%}
  {{ return((named.split(',') if named is string else named) | map('trim') | list) }}
{% endmacro %}


{# Warn of each of these schemas that is not there, or has nothing in it: its name may be mistyped. #}
{% macro warn_of_schemas_without_tables() %}
  {%- for schema in linkedin_dma.loaded_schemas() if execute -%}
    {%- if not linkedin_dma.tables_in(schema) -%}
      {%- do exceptions.warn('The schema ' ~ schema ~ ' has no tables, so the marts have no rows of it. Load it first, or correct LINKEDIN_DMA_SCHEMAS.') -%}
    {%- endif -%}
  {%- endfor -%}
{% endmacro %}


{# A column as a value of one type, whichever type the target has made of it. JSON's null is no value. #}
{% macro as_type(column, type) %}
  {%- if type == 'json' -%}
    {{ return(adapter.dispatch('as_json', 'linkedin_dma')(column)) }}
  {%- endif -%}
  {{ return('cast(' ~ column ~ ' as ' ~ linkedin_dma.sql_type(type) ~ ')') }}
{% endmacro %}

{% macro default__as_json(column) %}{{ return("nullif(to_jsonb(" ~ column ~ "), 'null'::jsonb)") }}{% endmacro %}

{% macro duckdb__as_json(column) %}{{ return("case when to_json(" ~ column ~ ")::varchar <> 'null' then to_json(" ~ column ~ ") end") }}{% endmacro %}


{% macro sql_type(type) %}
  {%- if type == 'json' -%}
    {{ return('json' if target.type == 'duckdb' else 'jsonb') }}
  {%- elif type == 'numeric' -%}
    {{ return('decimal(38, 9)' if target.type == 'duckdb' else 'numeric') }}
  {%- endif -%}
  {{ return(type) }}
{% endmacro %}
