{% test at_least(model, column_name, min) %}
SELECT {{ column_name }} FROM {{ model }} WHERE {{ column_name }} < {{ min }}
{% endtest %}
