-- One statement a line; FILE is the canary file, PRECIOUS a file that must not change, URL the canary server, DIR their folder.
-- Bare names of functions as arguments.
SELECT arrayMap(file, ['FILE'])
SELECT arrayMap(`file`, ['FILE'])
SELECT arrayMap("file", ['FILE'])
SELECT arrayMap((file), ['FILE'])
SELECT arrayMap(file AS f, ['FILE'])
SELECT arrayMap(/* x */ file, ['FILE']) -- y
SELECT arrayMin(file, ['FILE']), arrayMax(file, ['FILE'])
SELECT arrayExists(file, ['FILE']), arrayFirst(file, ['FILE']), arraySort(file, ['FILE'])
SELECT arrayFilter(x -> length(file(x)) > 0, ['FILE'])
SELECT arrayFold((acc, x) -> concat(acc, file(x)), ['FILE'], '')
SELECT mapApply((k, v) -> (k, file(v)), map('a', 'FILE'))
SELECT arrayMap(x -> arrayMap(file, [x]), ['FILE'])
SELECT max(arrayMap(file, ['FILE'])) OVER ()
SELECT number FROM numbers(1) ORDER BY arrayMap(file, ['FILE'])
SELECT number FROM numbers(1) WHERE length(arrayMap(file, ['FILE'])[1]) = 0
SELECT number FROM numbers(1) LIMIT length(arrayMap(file, ['FILE'])[1])
SELECT throwIf(1, arrayMap(file, ['FILE'])[1])
SELECT arrayMap(hostName, [1]), arrayMap(getMacro, ['x']), arrayMap(getServerSetting, ['path'])
WITH (x -> file(x)) AS g SELECT g('FILE')
WITH (x -> file(x)) AS g SELECT arrayMap(g, ['FILE'])
WITH arrayMap(file, ['FILE']) AS f SELECT f
WITH t AS (SELECT arrayMap(file, ['FILE']) AS f) SELECT f FROM t
SELECT * FROM (SELECT arrayMap(file, ['FILE']) AS f) FORMAT JSON
SELECT * APPLY(file) FROM (SELECT 'FILE' AS a)
SELECT * APPLY file FROM (SELECT 'FILE' AS a)
SELECT * APPLY(x -> file(x)) FROM (SELECT 'FILE' AS a)
SELECT COLUMNS('a') APPLY(file) FROM (SELECT 'FILE' AS a)
SELECT t.* APPLY(file) FROM (SELECT 'FILE' AS a) AS t
SELECT * REPLACE (file('FILE') AS a) FROM (SELECT 1 AS a)
SELECT * REPLACE (arrayMap(file, ['FILE']) AS a) FROM (SELECT 1 AS a)
EXPLAIN SELECT arrayMap(file, ['FILE'])
EXPLAIN QUERY TREE SELECT arrayMap(file, ['FILE'])
EXPLAIN SYNTAX SELECT file('FILE')
DESCRIBE (SELECT arrayMap(file, ['FILE']) AS f)
-- SQL inside the text of a structure.
SELECT b FROM values('a UInt8, b String ALIAS file(''FILE'')', 1)
SELECT b FROM values('a UInt8, b String alias file(''FILE'')', 1)
SELECT b FROM values('a UInt8, b String /* x */ ALIAS file(''FILE'')', 1)
SELECT b FROM values('a UInt8, b String DEFAULT file(''FILE'')', 1)
SELECT b FROM values('a UInt8, b MATERIALIZED file(''FILE'')', 1)
SELECT b FROM values('a UInt8, b ALIAS file(''FILE'')', 1)
SELECT b FROM values('a UInt8, b String EPHEMERAL file(''FILE'')', 1)
SELECT b FROM values('`a` UInt8, `b` String ALIAS file(''FILE'')', 1)
SELECT b FROM values('a Nested(x UInt8), b String ALIAS file(''FILE'')', [1])
SELECT b FROM values('a UInt8, b String ALIAS arrayMap(file, [''FILE''])[1]', 1)
SELECT b FROM values('a UInt8, b UInt64 ALIAS (SELECT count() FROM url(''URL''))', 1)
SELECT b FROM values('a UInt8, b String ALIAS hostName()', 1)
SELECT b FROM values('a UInt8 DEFAULT 1, b String', 1)
SELECT b FROM values('a UInt8 TTL now(), b String', 1)
SELECT b FROM `values`('a UInt8, b String ALIAS file(''FILE'')', 1)
SELECT b FROM VALUES('a UInt8, b String ALIAS file(''FILE'')', 1)
SELECT b FROM values($$a UInt8, b String ALIAS file('FILE')$$, 1)
SELECT b FROM null('a UInt8, b String ALIAS file(''FILE'')')
SELECT b FROM generateRandom('a UInt8, b String ALIAS file(''FILE'')') LIMIT 1
SELECT b FROM input('a UInt8, b String ALIAS file(''FILE'')')
SELECT * FROM format(JSONEachRow, 'a UInt8, b String DEFAULT file(''FILE'')', '{"a":1}')
SELECT b FROM format(CSV, 'a UInt8, b String ALIAS file(''FILE'')', '1')
SELECT * FROM format('JSONEachRow', 'a UInt8, b String DEFAULT file(''FILE'')', '{"a":1}')
DESCRIBE TABLE values('a UInt8, b String ALIAS file(''FILE'')', 1)
SELECT (SELECT b FROM values('a UInt8, b String ALIAS file(''FILE'')', 1))
SELECT 1 IN (SELECT b FROM values('a UInt8, b String ALIAS file(''FILE'')', 1))
SELECT * FROM view(SELECT b FROM values('a UInt8, b String ALIAS file(''FILE'')', 1))
-- Values that are read as expressions.
SELECT * FROM format(Values, 'a String', '(file(''FILE''))')
SELECT * FROM format('Values', 'a String', '(file(''FILE''))')
SELECT * FROM format(VALUES, 'a String', '(file(''FILE''))')
SELECT * FROM format(Values, '(file(''FILE''))')
SELECT * FROM format(MySQLDump, 'a String', 'INSERT INTO t VALUES (file(''FILE''))')
SELECT * FROM format(concat('Val', 'ues'), 'a String', '(file(''FILE''))')
-- Settings: quoted, without value, of two tokens, in subqueries, behind FORMAT, in views and table functions.
SELECT * FROM gold.dim_products SETTINGS `additional_result_filter` = 'toInt64(file(''FILE''))'
SELECT * FROM gold.dim_products SETTINGS "additional_result_filter" = 'toInt64(file(''FILE''))'
SELECT * FROM gold.dim_products SETTINGS final, additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 SETTINGS limit = +1, additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 SETTINGS limit = -1, additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 SETTINGS max_threads = {n:UInt8}, additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 SETTINGS max_threads = 1, max_block_size = 1, additional_result_filter = 'toInt64(file(''FILE''))'
SELECT * FROM gold.dim_products SETTINGS additional_table_filters = {'gold.dim_products': 'file(\'FILE\') = 1'}
SELECT (SELECT 1 SETTINGS additional_result_filter = 'toInt64(file(''FILE''))')
SELECT * FROM (SELECT 1 AS a SETTINGS additional_result_filter = 'toInt64(file(''FILE''))')
SELECT * FROM view(SELECT 1 AS a SETTINGS additional_result_filter = 'toInt64(file(''FILE''))')
WITH t AS (SELECT 1 AS a SETTINGS additional_result_filter = 'toInt64(file(''FILE''))') SELECT * FROM t
SELECT 1 UNION ALL SELECT 2 SETTINGS additional_result_filter = 'toInt64(file(''FILE''))'
(SELECT 1) SETTINGS additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 FORMAT CSV SETTINGS additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 SETTINGS max_threads = 1 FORMAT CSV SETTINGS additional_result_filter = 'toInt64(file(''FILE''))'
EXPLAIN SELECT 1 SETTINGS additional_result_filter = 'toInt64(file(''FILE''))'
DESCRIBE (SELECT 1 AS a) SETTINGS additional_result_filter = 'toInt64(file(''FILE''))'
SELECT 1 SETTINGS readonly = 0
SELECT 1 SETTINGS readonly = DEFAULT
SELECT 1 SETTINGS max_threads = DEFAULT
SELECT 1 SETTINGS max_threads = 'FILE'
SELECT 1 SETTINGS session_timezone = 'FILE'
SELECT 1 SETTINGS join_algorithm = 'FILE'
SELECT 1 SETTINGS param_x = 1
SELECT 1 SETTINGS output_format_schema = 'PRECIOUS', format_protobuf_use_autogenerated_schema = 1 FORMAT Protobuf
SELECT 1 AS a FORMAT Protobuf SETTINGS output_format_schema = 'PRECIOUS', format_protobuf_use_autogenerated_schema = 1
SELECT 1 AS a FORMAT CapnProto SETTINGS output_format_schema = 'PRECIOUS', format_capn_proto_use_autogenerated_schema = 1
SELECT 1 SETTINGS format_template_row = 'FILE' FORMAT Template
SELECT 1 SETTINGS format_template_resultset = 'FILE' FORMAT Template
SELECT 1 FORMAT Template
SELECT 1 FORMAT AvroConfluent
SELECT 1 FORMAT MySQLWire
SELECT 1 FORMAT PostgreSQLWire
SELECT * FROM format(CSV, 'a UInt8', 'chosen text') SETTINGS input_format_allow_errors_num = 5, input_format_record_errors_file_path = 'DIR/evil.txt'
SELECT * FROM format(Protobuf, 'a UInt32', unhex('020801')) SETTINGS format_schema_source = 'query', format_schema_message_name = 'M', format_schema = 'SELECT * FROM url(concat(''URL/'', file(''FILE'')), LineAsString)'
SELECT * FROM format(AvroConfluent, 'a String', unhex('0000000001020304')) SETTINGS format_avro_schema_registry_url = 'URL'
SELECT formatRow('Template', 1)
SELECT formatRow('Protobuf', 1) SETTINGS output_format_schema = 'PRECIOUS'
SELECT groupFormat('Protobuf')(1)
SELECT arrayReduce('groupFormat(\'Template\')', [1])
SELECT arrayReduce(concat('group', 'Format'), [1])
SELECT initializeAggregation('groupFormat(\'Template\')', 1)
-- Parameters that name things.
SELECT * FROM {d:Identifier}.processes
SELECT * FROM system.{t:Identifier}
SELECT b FROM values({s:String}, 1)
-- Files, network, processes, other servers.
SELECT file('FILE')
SELECT * FROM file('FILE', 'LineAsString')
SELECT * FROM FILE('FILE', 'LineAsString')
SELECT * FROM `file`('FILE', 'LineAsString')
SELECT * FROM "file"('FILE', 'LineAsString')
SELECT * FROM file("FILE", LineAsString)
FROM file('FILE', 'LineAsString') SELECT *
SELECT * FROM 'FILE'
SELECT * FROM `FILE`
SELECT * FROM default.`FILE`
SELECT * FROM default.canary
SELECT 1 IN (SELECT * FROM file('FILE', 'LineAsString'))
SELECT (SELECT any(line) FROM file('FILE', 'LineAsString'))
SELECT EXISTS (SELECT * FROM file('FILE', 'LineAsString'))
SELECT 1 FROM numbers(1) WHERE 'x' IN (SELECT * FROM file('FILE', 'LineAsString'))
SELECT * FROM gold.dim_products JOIN file('FILE', 'LineAsString') AS f ON 1 = 1
SELECT * FROM fileCluster('x', 'FILE', 'LineAsString')
SELECT * FROM filesystem('DIR')
SELECT * FROM url('URL', 'LineAsString')
SELECT * FROM urlCluster('x', 'URL', 'LineAsString')
SELECT * FROM s3('URL/bucket/x.csv', 'CSV', 'a String')
SELECT * FROM s3(shoplake_lake, filename = 'x.parquet')
SELECT * FROM deltaLakeLocal('DIR')
SELECT * FROM icebergLocal('DIR')
SELECT * FROM sqlite('DIR/x.db', 't')
SELECT * FROM executable('cat FILE', 'TSV', 'a String')
SELECT * FROM remote('127.0.0.1', system.one)
SELECT * FROM mysql('127.0.0.1:1', 'd', 't', 'u', 'p')
SELECT * FROM postgresql('127.0.0.1:1', 'd', 't', 'u', 'p')
SELECT * FROM loop(staging.orders) LIMIT 1
SELECT * FROM merge('staging', '.*')
SELECT * FROM merge('system', 'processes')
SELECT * FROM dictionary('d')
SELECT * FROM viewExplain('EXPLAIN', '', (SELECT 1))
SELECT * FROM (EXPLAIN SELECT * FROM file('FILE'))
SELECT * FROM eval('SELECT file(''FILE'')')
SELECT * FROM viewIfPermitted(SELECT 1 ELSE null('a UInt8'))
SELECT dictGet('d', 'a', 1)
SELECT joinGet('staging.orders', 'id', 1)
SELECT hasColumnInTable('127.0.0.1:1', 'd', 't', 'c')
SELECT catboostEvaluate('FILE', 1)
SELECT reverseDNSQuery('127.0.0.1')
SELECT showCertificate()
SELECT aiGenerate('x')
SELECT getSetting('max_threads'), getServerSetting('path'), getMacro('x')
SELECT hostName(), FQDN(), serverUUID(), tcpPort(), uptime()
SELECT sleep(3)
SELECT noSuchFunction(1)
-- Other statements.
INSERT INTO gold.dim_products SELECT 1
INSERT INTO FUNCTION file('PRECIOUS', 'CSV', 'a UInt8') SELECT 1
WITH 1 AS x INSERT INTO FUNCTION file('PRECIOUS', 'CSV', 'a UInt8') SELECT x
INSERT INTO gold.dim_products FROM INFILE 'FILE' FORMAT CSV
SELECT 1 INTO OUTFILE 'PRECIOUS'
SELECT 1 INTO OUTFILE 'PRECIOUS' TRUNCATE
SELECT 1 INTO OUTFILE 'PRECIOUS' TRUNCATE FORMAT CSV
SELECT 1 UNION ALL SELECT 2 INTO OUTFILE 'DIR/new.txt'
EXPLAIN SELECT 1 INTO OUTFILE 'DIR/new.txt'
SHOW TABLES FROM gold INTO OUTFILE 'DIR/new.txt'
CREATE TEMPORARY TABLE t (a UInt8)
CREATE TABLE gold.t ENGINE = File(CSV, 'PRECIOUS') AS SELECT 1
CREATE VIEW gold.v AS SELECT * FROM file('FILE')
CREATE FUNCTION f AS x -> file(x)
CREATE DATABASE x
CREATE DICTIONARY gold.d (a UInt64) PRIMARY KEY a SOURCE(FILE(path 'FILE' format 'CSV')) LAYOUT(FLAT()) LIFETIME(0)
CREATE NAMED COLLECTION c AS a = 1
CREATE USER u
ALTER TABLE gold.dim_products DELETE WHERE 1
ATTACH TABLE gold.t FROM 'DIR' (a UInt8) ENGINE = MergeTree ORDER BY a
DETACH TABLE gold.dim_products
DROP TABLE gold.dim_products
TRUNCATE TABLE gold.dim_products
RENAME TABLE gold.dim_products TO gold.x
EXCHANGE TABLES gold.dim_products AND gold.dim_customers
DELETE FROM gold.dim_products WHERE 1
UPDATE gold.dim_products SET category = 'x' WHERE 1
OPTIMIZE TABLE gold.dim_products
CHECK TABLE gold.dim_products
BACKUP TABLE gold.dim_products TO File('DIR/x')
RESTORE TABLE gold.dim_products FROM File('DIR/x')
SET readonly = 0
SET param_x = 1
USE system
SYSTEM SHUTDOWN
SYSTEM FLUSH LOGS
KILL QUERY WHERE 1
GRANT SELECT ON *.* TO u
UNDROP TABLE gold.x
MOVE x
BEGIN TRANSACTION
SELECT 1; SELECT 2
SELECT 1; DROP TABLE gold.dim_products
SELECT 1 PARALLEL WITH SELECT 2
SELECT 1 PARALLEL WITH DROP TABLE gold.dim_products
EXPLAIN AST DROP TABLE gold.dim_products
EXPLAIN TABLE OVERRIDE mysql('127.0.0.1:1', 'd', 't', 'u', 'p') PARTITION BY a
EXPLAIN CURRENT TRANSACTION
EXPLAIN SELECT * FROM file('FILE')
EXPLAIN ESTIMATE SELECT * FROM url('URL')
-- Tables that are not published, and what the engine says of itself.
SELECT * FROM staging.orders
SELECT 1 IN staging.orders
SELECT * FROM `staging`.`orders`
SELECT * FROM ops.runs_log
SELECT * FROM orders
SELECT * FROM `gold.dim_products`
SELECT * FROM system.processes
SELECT * FROM `system`.`processes`
SELECT * FROM SYSTEM.PROCESSES
SELECT * FROM system.settings
SELECT 1 IN system.settings
SELECT in(1, system.settings)
SELECT arrayExists(x -> x IN system.processes, [1])
SELECT * FROM information_schema.tables
SELECT * FROM INFORMATION_SCHEMA.TABLES
DESCRIBE TABLE system.processes
DESCRIBE TABLE staging.orders
EXISTS TABLE staging.orders
EXISTS DATABASE staging
SHOW PROCESSLIST
SHOW SETTINGS LIKE '%'
SHOW SETTING max_threads
SHOW CHANGED SETTINGS LIKE '%'
SHOW CLUSTERS
SHOW CLUSTER 'x'
SHOW ENGINES
SHOW MERGES
SHOW ACCESS
SHOW USERS
SHOW ROLES
SHOW GRANTS
SHOW PRIVILEGES
SHOW PROFILES
SHOW POLICIES
SHOW QUOTAS
SHOW DICTIONARIES
SHOW FILESYSTEM CACHES
SHOW INDEXES FROM dim_products FROM gold
SHOW TABLES
SHOW TABLES FROM staging
SHOW TABLES FROM system
SHOW TABLES FROM gold WHERE name = file('FILE')
SHOW TABLES FROM gold WHERE arrayMap(file, ['FILE'])[1] = ''
SHOW COLUMNS FROM orders FROM staging
SHOW COLUMNS FROM dim_products FROM gold WHERE field = file('FILE')
SHOW CREATE TABLE system.processes
SHOW CREATE TABLE staging.orders
SHOW CREATE DATABASE gold
SHOW CREATE USER u
SHOW FUNCTIONS LIKE 'x' SETTINGS additional_result_filter = 'file(\'FILE\') = 1'
-- Names that draw.
SELECT 1 AS `a\n  Literal UInt64_1`
SELECT 1 AS `a\\b`
