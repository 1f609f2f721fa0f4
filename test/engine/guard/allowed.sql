-- One statement a line. Each passes the guard and gives the same rows as without it.
SELECT * FROM gold.fact_daily_sales ORDER BY ALL LIMIT 5
SELECT count() AS n, sum(revenue) AS r FROM (SELECT 1 AS revenue)
WITH t AS (SELECT category, count() AS n FROM gold.dim_products GROUP BY category) SELECT * FROM t ORDER BY n DESC, category
WITH RECURSIVE t AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM t WHERE n < 5) SELECT sum(n) FROM t
WITH (SELECT max(day) FROM gold.inventory_daily) AS last_day SELECT last_day, toStartOfMonth(last_day)
WITH x -> x * 2 AS twice SELECT twice(21), arrayMap(twice, [1, 2])
SELECT day, row_number() OVER (ORDER BY day) AS n, lagInFrame(on_hand, 1) OVER (PARTITION BY product_id ORDER BY day ROWS BETWEEN 1 PRECEDING AND CURRENT ROW) AS p FROM gold.inventory_daily ORDER BY ALL LIMIT 20
SELECT product_id, sum(on_hand) OVER w AS s FROM gold.inventory_daily WINDOW w AS (PARTITION BY product_id ORDER BY day) ORDER BY ALL LIMIT 20
SELECT product_id, rank() OVER (ORDER BY on_hand DESC) AS r FROM gold.inventory_daily QUALIFY r <= 3 ORDER BY ALL
SELECT c.customer_id, p.product_id FROM gold.dim_customers AS c CROSS JOIN gold.dim_products AS p ORDER BY ALL LIMIT 3
SELECT count() FROM gold.inventory_daily AS d LEFT JOIN gold.dim_products AS p ON p.product_id = d.product_id AND p.category != ''
SELECT count() FROM gold.inventory_daily AS d INNER JOIN gold.dim_products AS p USING (product_id)
SELECT a.number, b.number FROM numbers(5) AS a ASOF JOIN numbers(5) AS b ON a.number % 2 = b.number % 2 AND a.number >= b.number ORDER BY ALL
SELECT number FROM numbers(3) UNION ALL SELECT 7 EXCEPT SELECT 1
SELECT number FROM numbers(10) INTERSECT SELECT number * 2 FROM numbers(10)
SELECT number, number % 3 AS g FROM numbers(10) ORDER BY g, number LIMIT 2 BY g
SELECT number AS n FROM numbers(3) ORDER BY n WITH FILL FROM 0 TO 10 STEP 2 INTERPOLATE
SELECT number % 2 AS a, number % 3 AS b, count() FROM numbers(30) GROUP BY GROUPING SETS ((a), (b), ()) ORDER BY ALL
SELECT number % 2 AS a, number % 3 AS b, count(), grouping(a) FROM numbers(30) GROUP BY ROLLUP (a, b) ORDER BY ALL
SELECT number % 2 AS a, count() FROM numbers(30) GROUP BY a WITH TOTALS ORDER BY a
SELECT DISTINCT number % 3 FROM numbers(10) ORDER BY 1
SELECT sumIf(number, number > 3), countIf(number = 1), uniqExact(number), quantile(0.5)(number), groupArray(3)(number) FROM numbers(10)
SELECT argMax(number, number), avgOrNull(number), anyLast(number), topK(1)(number % 2), sumMap([1], [number]) FROM numbers(10)
SELECT arrayMap(x -> x + 1, [1, 2]), arrayFilter(x -> x > 1, [1, 2]), arraySort((x) -> -x, [3, 1]), arraySum([1, 2]), arrayReduce('sum', [1, 2])
SELECT arrayMap(toString, [1, 2]), arrayFold((acc, x) -> acc + x, [1, 2], toInt64(0)), arrayZip([1], ['a']), arrayJoin([1, 2])
SELECT n, x FROM (SELECT 1 AS n, [1, 2, 3] AS xs) ARRAY JOIN xs AS x
SELECT map('a', 1)['a'], mapKeys(map('a', 1)), tuple(1, 'x').2, (1, 2) = (1, 2), [1, 2][1]
SELECT JSONExtractInt('{"a":1}', 'a'), JSONExtractString('{"a":"x"}', 'a'), JSONExtractArrayRaw('{"a":[1]}', 'a'), JSONExtract('{"a":[1,2]}', 'a', 'Array(UInt8)'), JSONHas('{}', 'a')
SELECT '{"a":{"b":1}}'::JSON AS j, j.a.b
SELECT toDate('2026-01-01') + INTERVAL 1 MONTH, dateDiff('day', toDate('2026-01-01'), toDate('2026-02-01')), formatDateTime(toDateTime('2026-01-01 00:00:00', 'UTC'), '%Y-%m'), toTimeZone(toDateTime(0, 'UTC'), 'Europe/Berlin')
SELECT toDecimal64('1.10', 2) * 3, round(2.5), intDiv(7, 2), 7 % 2, 1 / 4, greatest(1, 2), nullIf(1, 1), ifNull(NULL, 2), coalesce(NULL, 3)
SELECT CASE WHEN number > 1 THEN 'file(' ELSE '; DROP TABLE x' END AS text FROM numbers(3) -- url('http://x')
SELECT 'SELECT 1 SETTINGS readonly = 0 FORMAT Template' AS text, 'INTO OUTFILE' AS other
SELECT upper('a'), concat('a', 'b'), substring('abc', 2), replaceRegexpAll('a1', '[0-9]', ''), splitByChar(',', 'a,b'), like('abc', 'a%'), extract('a12', '[0-9]+'), format('{} {}', 'a', 'b'), lower(hex(MD5('a')))
SELECT domain('https://example.org/a?b=1'), path('https://example.org/a?b=1'), cityHash64('a'), toIPv4('127.0.0.1'), toUUID('00000000-0000-0000-0000-000000000001')
SELECT CAST(1 AS Nullable(Decimal(18, 2))), CAST('a', 'Enum8(\'a\' = 1)'), 1::UInt8, accurateCastOrNull(300, 'UInt8'), toTypeName(1)
SELECT {day:Date} AS day, {n:UInt8} + 1 AS n, {names:Array(String)} AS names, toTimeZone(toDateTime(0), {tz:String}) AS t
SELECT * FROM gold.inventory_daily WHERE day = {day:Date} ORDER BY ALL LIMIT {n:UInt8}
SELECT * EXCEPT (budget) FROM gold.agg_campaign_performance ORDER BY ALL LIMIT 2
SELECT * REPLACE (1 AS budget), COLUMNS('^chan') FROM gold.agg_campaign_performance ORDER BY ALL LIMIT 2
SELECT 1 IN (1, 2), 1 NOT IN (SELECT 2), (1, 2) IN ((1, 2)), EXISTS (SELECT 1), 3 > ALL (SELECT 2)
SELECT file, user, `url`, t.now FROM (SELECT 1 AS file, 2 AS user, 3 AS url, 4 AS now) AS t WHERE file = 1 AND length(toString(file)) = 1 ORDER BY user
SELECT `a b`, "c(d)", `settings` FROM (SELECT 1 AS `a b`, 2 AS `c(d)`, 3 AS `settings`)
FROM gold.dim_products SELECT count()
WITH t(x) AS (SELECT 1) SELECT x FROM t
WITH t AS MATERIALIZED (SELECT 1 AS x) SELECT x FROM t
SELECT t.SETTINGS, t.FORMAT FROM (SELECT 1 AS settings, 2 AS format) AS s, (SELECT * FROM values('SETTINGS UInt8, FORMAT UInt8', (1, 2))) AS t
SELECT untuple((1, 2)), arrayMap((file, url) -> concat(file, url), ['a'], ['b'])
SELECT TRIM(BOTH ' ' FROM ' a '), SUBSTRING('abc' FROM 1 FOR 2), 5 DIV 2, 1 <=> 2, YEAR(toDate('2026-01-01')), DATE '2020-01-01'
SELECT first_value(number) OVER (ORDER BY number), ntile(2) OVER (ORDER BY number), lead(number, 1, 0) OVER (ORDER BY number) FROM numbers(5) ORDER BY ALL
SELECT sum(number) FILTER (WHERE number > 1), sumMerge(s), any(number) RESPECT NULLS FROM (SELECT number, sumState(number) AS s FROM numbers(3) GROUP BY number)
(SELECT 1 AS a) UNION DISTINCT (SELECT 1)
SELECT a FROM values('a UInt8, b String', (1, 'x'), (2, 'y')) ORDER BY a
SELECT b FROM values('a UInt8, b Nullable(Decimal(18, 2))', (1, 2.5))
SELECT * FROM (VALUES (1, 'a'), (2, 'b')) AS t
SELECT * FROM format(JSONEachRow, 'a UInt8, b Array(String)', '{"a":1,"b":["x"]}')
SELECT * FROM format(CSV, 'a UInt8, b String', '1,x')
SELECT * FROM view(SELECT 1 AS a) AS v, generate_series(1, 3) AS s, zeros(1) AS z
SELECT count() > 100 FROM system.functions
SELECT name FROM system.tables WHERE database = 'gold' ORDER BY name
SELECT name, type FROM system.columns WHERE database = 'gold' AND table = 'dim_products' ORDER BY name
SELECT n FROM bronze.feed
SELECT count() FROM ops.runs
SELECT 1 AS a FORMAT CSV
SELECT 1 AS a, 'x' AS b FORMAT JSONEachRow
SELECT number FROM numbers(3) FORMAT Parquet
SELECT number FROM numbers(3) FORMAT TSVWithNamesAndTypes
SELECT number FROM numbers(3) FORMAT Arrow SETTINGS max_threads = 1
SELECT number FROM numbers(3) SETTINGS max_threads = 1, max_block_size = 2
SELECT number FROM numbers(3) ORDER BY number SETTINGS limit = 2, extremes = 0
SELECT * FROM (SELECT number FROM numbers(3) SETTINGS max_block_size = 1) ORDER BY number SETTINGS max_threads = 2
SELECT toDateTime(0) AS t SETTINGS session_timezone = 'Europe/Berlin'
SELECT a.number, b.number FROM numbers(2) AS a LEFT JOIN numbers(1) AS b ON a.number = b.number ORDER BY ALL SETTINGS join_use_nulls = 1, join_algorithm = 'hash'
SELECT 'a;b' AS x FORMAT CSV SETTINGS format_csv_delimiter = ';'
SELECT initializeAggregation('uniqExact', 1) IS NOT NULL, finalizeAggregation(initializeAggregation('sumState', 2))
SELECT count() FROM gold.dim_customers WHERE customer_id GLOBAL IN (SELECT customer_id FROM gold.fact_customer_orders)
SHOW TABLES FROM gold LIKE 'dim%'
SHOW DATABASES
SHOW COLUMNS FROM dim_products FROM gold
SHOW CREATE TABLE gold.dim_products
DESCRIBE TABLE gold.dim_products
DESCRIBE (SELECT 1 AS a)
EXISTS TABLE gold.dim_products
EXPLAIN SELECT count() FROM gold.dim_products
EXPLAIN PLAN indexes = 1 SELECT count() FROM gold.dim_products WHERE product_id = 1
EXPLAIN SYNTAX SELECT 1
EXPLAIN AST SELECT 1
EXPLAIN QUERY TREE SELECT 1
