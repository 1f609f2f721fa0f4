{% test has_rows(model) %}
SELECT 1 WHERE NOT EXISTS (FROM {{ model }})
{% endtest %}
