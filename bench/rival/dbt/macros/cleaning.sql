{# ' home and garden ' -> 'Home And Garden' #}
{% macro initcap(text) -%}
  array_to_string(list_transform(string_split(lower(trim({{ text }})), ' '), lambda word: upper(word[1]) || word[2:]), ' ')
{%- endmacro %}

{# ' PENDING' -> 'Pending' #}
{% macro capital(word) -%}
  upper(left(trim({{ word }}), 1)) || lower(substr(trim({{ word }}), 2))
{%- endmacro %}

{# The day of a moment in the reporting timezone. #}
{% macro day_of(moment) -%}
  ({{ moment }} AT TIME ZONE 'Europe/Berlin')::DATE
{%- endmacro %}

{# A ratio of two columns as a percentage or an amount, two digits; NULL when the divisor is 0. #}
{% macro ratio(dividend, divisor, times=1) -%}
  round(({{ dividend }})::DECIMAL(28, 8) * {{ times }} / nullif({{ divisor }}, 0), 2)::DECIMAL(18, 2)
{%- endmacro %}

{# Of the rows with one key, the one written last. #}
{% macro newest(key, written) -%}
  QUALIFY row_number() OVER (PARTITION BY {{ key }} ORDER BY {{ written }} DESC) = 1
{%- endmacro %}
