{% test same_sum(model, column_name, query) %}
SELECT ours, theirs FROM (SELECT coalesce(sum({{ column_name }}), 0) AS ours FROM {{ model }}), (SELECT coalesce(({{ query }}), 0) AS theirs)
WHERE ours <> theirs
{% endtest %}
