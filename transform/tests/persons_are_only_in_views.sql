-- A table would keep a member whom `erase` has removed from what was loaded.
{%- set tables = [] %}
{%- for node in graph.nodes.values() if node.resource_type == 'model' and node.package_name == 'linkedin_dma' %}
{%- if node.config.materialized != 'view' and node.config.meta.get('persons') != 'none' %}
{%- do tables.append(node.name) %}
{%- endif %}
{%- endfor %}
{%- if tables %}
select '{{ tables | join(', ') }}' as tables
{%- else %}
select null as tables where false
{%- endif %}
