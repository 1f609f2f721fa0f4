/** SELECTs of all shapes, with what must be proved about them. What is not named must not be claimed. */

export interface LocalityCase {
  readonly sql: string;
  readonly partitionBy?: string;
  readonly key?: readonly string[];
  /** The driving input when the SELECT works row by row. */
  readonly rowWise?: string;
  /** Expressions by input, for `partitionBy`. */
  readonly partitions?: Readonly<Record<string, string>>;
  readonly keys?: Readonly<Record<string, string>>;
  /** Default true. */
  readonly postFilter?: boolean;
}

const month = "toStartOfMonth(ordered)";
const monthOf = { "bronze.orders": "`toStartOfMonth`(`ordered`)" };

export const localityCases: Readonly<Record<string, LocalityCase>> = {
  "plain columns": {
    sql: "SELECT order_id, total * 2 AS double, ordered FROM bronze.orders WHERE status != 'x'",
    partitionBy: month,
    key: ["order_id"],
    rowWise: "bronze.orders",
    partitions: monthOf,
    keys: { "bronze.orders": "`order_id`" },
    postFilter: false,
  },
  "a column renamed twice": {
    sql: "WITH a AS (SELECT ordered AS x, order_id FROM bronze.orders), b AS (SELECT x AS y, order_id FROM a) SELECT y AS at, order_id FROM b",
    partitionBy: "toStartOfMonth(at)",
    rowWise: "bronze.orders",
    partitions: monthOf,
    postFilter: false,
  },
  "names that swap places": {
    sql: "SELECT o.customer_id AS order_id, o.order_id AS customer_id FROM bronze.orders AS o",
    partitionBy: "order_id % 3",
    rowWise: "bronze.orders",
    partitions: { "bronze.orders": "`modulo`(`customer_id`, CAST(3 AS UInt8))" },
    postFilter: false,
  },
  "array join": {
    sql: "SELECT order_id, tag, ordered FROM bronze.orders ARRAY JOIN tags AS tag",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
    postFilter: false,
  },
  "partitioned by an element of an array": {
    sql: "SELECT order_id, tag FROM bronze.orders ARRAY JOIN tags AS tag",
    partitionBy: "tag",
    rowWise: "bronze.orders",
    partitions: {},
    postFilter: false,
  },
  "partitioned by arrayJoin()": {
    sql: "SELECT order_id, arrayJoin(tags) AS tag FROM bronze.orders",
    partitionBy: "tag",
    rowWise: "bronze.orders",
    postFilter: false,
  },
  "grouped by day, partitioned by month": {
    sql: "SELECT toDate(ordered) AS day, sum(total) AS revenue FROM bronze.orders GROUP BY day",
    partitionBy: "toStartOfMonth(day)",
    key: ["day"],
    partitions: { "bronze.orders": "`toStartOfMonth`(`toDate`(`ordered`))" },
    keys: { "bronze.orders": "`toDate`(`ordered`)" },
    postFilter: false,
  },
  "grouped by something else": {
    sql: "SELECT customer_id, max(ordered) AS last FROM bronze.orders GROUP BY customer_id",
    partitionBy: "toStartOfMonth(last)",
    key: ["customer_id"],
    keys: { "bronze.orders": "`customer_id`" },
    postFilter: false,
  },
  "an aggregate over everything": {
    sql: "SELECT sum(total) AS revenue, max(ordered) AS last FROM bronze.orders",
    partitionBy: "toStartOfMonth(last)",
    postFilter: false,
  },
  "an aggregate inside, grouped by the right thing twice": {
    sql: `SELECT month, status, avg(orders) AS mean FROM
      (SELECT toStartOfMonth(ordered) AS month, status, customer_id, count() AS orders FROM bronze.orders GROUP BY month, status, customer_id)
      GROUP BY month, status`,
    partitionBy: "month",
    key: ["month", "status"],
    partitions: monthOf,
    keys: { "bronze.orders": "`tuple`(`toStartOfMonth`(`ordered`), `status`)" },
    postFilter: false,
  },
  "an aggregate inside, grouped by less": {
    sql: `SELECT month, customers FROM (SELECT any(toStartOfMonth(ordered)) AS month, customer_id, count() AS customers FROM bronze.orders GROUP BY customer_id)`,
    partitionBy: "month",
    postFilter: false,
  },
  "first orders by customer, counted by month": {
    sql: `SELECT toStartOfMonth(first) AS month, count() AS customers FROM (SELECT customer_id, min(ordered) AS first FROM bronze.orders GROUP BY customer_id) GROUP BY month`,
    partitionBy: "month",
    postFilter: false,
  },
  having: {
    sql: "SELECT toDate(ordered) AS day, sum(total) AS revenue FROM bronze.orders GROUP BY day HAVING revenue > 10",
    partitionBy: "toStartOfMonth(day)",
    partitions: { "bronze.orders": "`toStartOfMonth`(`toDate`(`ordered`))" },
  },
  "a filter on an aggregate": {
    sql: "SELECT * FROM (SELECT toDate(ordered) AS day, count() AS n FROM bronze.orders GROUP BY day) WHERE n > 1",
    partitionBy: "day",
    partitions: { "bronze.orders": "`toDate`(`ordered`)" },
  },
  "a filter on a group key": {
    sql: "SELECT * FROM (SELECT toDate(ordered) AS day, count() AS n FROM bronze.orders GROUP BY day) WHERE day > '2020-01-15'",
    partitionBy: "day",
    partitions: { "bronze.orders": "`toDate`(`ordered`)" },
    postFilter: false,
  },
  "window without partition": {
    sql: "SELECT order_id, ordered, sum(total) OVER (ORDER BY ordered, order_id) AS running FROM bronze.orders",
    partitionBy: month,
    postFilter: false,
  },
  "window over the partition": {
    sql: "SELECT order_id, ordered, count() OVER (PARTITION BY toStartOfMonth(ordered)) AS n FROM bronze.orders",
    partitionBy: month,
    partitions: monthOf,
    postFilter: false,
  },
  "window over another key": {
    sql: "SELECT order_id, customer_id, ordered, count() OVER (PARTITION BY customer_id) AS n FROM bronze.orders",
    partitionBy: month,
    key: ["customer_id"],
    keys: { "bronze.orders": "`customer_id`" },
    postFilter: false,
  },
  "two windows, one of them over another key": {
    sql: "SELECT ordered, count() OVER (PARTITION BY toStartOfMonth(ordered)) AS n, count() OVER (PARTITION BY customer_id) AS m FROM bronze.orders",
    partitionBy: month,
    postFilter: false,
  },
  "the newest by a window": {
    sql: "SELECT order_id, customer_id, ordered FROM bronze.orders QUALIFY row_number() OVER (PARTITION BY customer_id ORDER BY ordered DESC, order_id, total, status) = 1",
    partitionBy: month,
    key: ["customer_id"],
    keys: { "bronze.orders": "`customer_id`" },
  },
  "the newest by LIMIT BY": {
    sql: "SELECT order_id, customer_id, ordered FROM bronze.orders ORDER BY ordered DESC, order_id, total, status LIMIT 1 BY customer_id",
    partitionBy: month,
    key: ["customer_id"],
    keys: { "bronze.orders": "`customer_id`" },
  },
  distinct: {
    sql: "SELECT DISTINCT customer_id, toStartOfMonth(ordered) AS month FROM bronze.orders",
    partitionBy: "month",
    partitions: monthOf,
    postFilter: false,
  },
  limit: {
    sql: "SELECT order_id, ordered FROM bronze.orders ORDER BY order_id, ordered LIMIT 3",
    partitionBy: month,
  },
  "limit by a setting": {
    sql: "SELECT order_id, ordered FROM bronze.orders ORDER BY order_id, ordered SETTINGS limit = 3",
    partitionBy: month,
  },
  "limit in a subquery": {
    sql: "SELECT order_id, ordered FROM (SELECT * FROM bronze.orders ORDER BY order_id, ordered, total, status LIMIT 4)",
    partitionBy: month,
  },
  rollup: {
    sql: "SELECT toStartOfMonth(ordered) AS month, status, count() AS n FROM bronze.orders GROUP BY ROLLUP(month, status)",
    partitionBy: "month",
  },
  "with fill": {
    sql: "SELECT toDate(ordered) AS day, count() AS n FROM bronze.orders GROUP BY day ORDER BY day WITH FILL",
    partitionBy: "toStartOfMonth(day)",
  },
  "union all": {
    sql: "SELECT order_id, ordered, 'a' AS kind FROM bronze.orders UNION ALL SELECT order_id, shipped, sku FROM bronze.items",
    partitionBy: month,
    partitions: { ...monthOf, "bronze.items": "`toStartOfMonth`(`shipped`)" },
    postFilter: false,
  },
  "union all of one input with two dates": {
    sql: "SELECT order_id, ordered AS at FROM bronze.orders UNION ALL SELECT order_id, ordered + INTERVAL 20 DAY FROM bronze.orders",
    partitionBy: "toStartOfMonth(at)",
  },
  "union all of one input with one date": {
    sql: "SELECT order_id, ordered, total FROM bronze.orders UNION ALL SELECT order_id, ordered, -total FROM bronze.orders WHERE status = 'x'",
    partitionBy: month,
    partitions: monthOf,
  },
  "union of different types": {
    sql: "SELECT toInt64(order_id) AS n FROM bronze.orders UNION ALL SELECT toUInt8(qty) FROM bronze.items",
    partitionBy: "toString(n)",
    partitions: { "bronze.orders": "`toString`(`toInt64`(`order_id`))" },
    postFilter: false,
  },
  except: {
    sql: "SELECT order_id, toDate(ordered) AS day FROM bronze.orders EXCEPT SELECT order_id, toDate(shipped) FROM bronze.items",
    partitionBy: "day",
    partitions: { "bronze.orders": "`toDate`(`ordered`)", "bronze.items": "`toDate`(`shipped`)" },
  },
  "a lookup": {
    sql: "SELECT o.order_id AS order_id, ordered, country FROM bronze.orders AS o LEFT ANY JOIN bronze.customers AS c ON c.customer_id = o.customer_id",
    partitionBy: month,
    key: ["order_id"],
    rowWise: "bronze.orders",
    partitions: monthOf,
    keys: { "bronze.orders": "`order_id`" },
    postFilter: false,
  },
  "a lookup, partitioned by what it finds": {
    sql: "SELECT o.order_id AS order_id, ordered, country FROM bronze.orders AS o LEFT JOIN bronze.customers AS c USING (customer_id)",
    partitionBy: "country",
    rowWise: "bronze.orders",
    postFilter: false,
  },
  "a lookup that must find": {
    sql: "SELECT o.order_id AS order_id, ordered, country FROM bronze.orders AS o LEFT JOIN bronze.customers AS c USING (customer_id) WHERE country != ''",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a lookup that must not find": {
    sql: "SELECT o.order_id AS order_id, ordered FROM bronze.orders AS o LEFT ANTI JOIN bronze.customers AS c USING (customer_id)",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a lookup in the driving seat": {
    sql: "SELECT c.customer_id AS customer_id, country, ordered FROM bronze.customers AS c LEFT JOIN bronze.orders AS o ON c.customer_id = o.customer_id",
    partitionBy: "toStartOfMonth(ordered)",
    key: ["customer_id"],
    rowWise: "bronze.customers",
    keys: { "bronze.customers": "`customer_id`", "bronze.orders": "`customer_id`" },
    postFilter: false,
  },
  "inner join, key of either side": {
    sql: "SELECT o.order_id AS order_id, sum(qty) AS pieces, min(ordered) AS at FROM bronze.orders AS o JOIN bronze.items AS i ON i.order_id = o.order_id GROUP BY order_id",
    key: ["order_id"],
    keys: { "bronze.orders": "`order_id`", "bronze.items": "`order_id`" },
    postFilter: false,
  },
  "inner join, date of one side": {
    sql: "SELECT i.order_id AS order_id, sku, ordered FROM bronze.items AS i JOIN bronze.orders AS o ON i.order_id = o.order_id AND o.status != 'x'",
    partitionBy: month,
    rowWise: "bronze.items",
    partitions: monthOf,
    postFilter: false,
  },
  "any inner join": {
    sql: "SELECT i.order_id AS order_id, sku, ordered FROM bronze.items AS i ANY INNER JOIN bronze.orders AS o ON i.order_id = o.order_id",
    partitionBy: month,
  },
  "right join": {
    sql: "SELECT o.order_id AS order_id, ordered, qty FROM bronze.items AS i RIGHT JOIN bronze.orders AS o ON i.order_id = o.order_id",
    partitionBy: month,
    key: ["order_id"],
    rowWise: "bronze.orders",
    partitions: monthOf,
    keys: { "bronze.orders": "`order_id`", "bronze.items": "`order_id`" },
  },
  "full join": {
    sql: "SELECT order_id, ordered, qty FROM bronze.items AS i FULL JOIN bronze.orders AS o USING (order_id)",
    partitionBy: month,
    key: ["order_id"],
  },
  "keys of different types": {
    sql: "SELECT c.customer_id AS customer_id, qty FROM bronze.customers AS c LEFT JOIN bronze.items AS i ON c.customer_id = i.qty",
    key: ["customer_id"],
    rowWise: "bronze.customers",
    keys: { "bronze.customers": "`customer_id`" },
    postFilter: false,
  },
  "comma join": {
    sql: "SELECT o.order_id AS order_id, ordered, n.number AS n FROM bronze.orders AS o, numbers(2) AS n, bronze.customers AS c WHERE c.customer_id = o.customer_id",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
    postFilter: false,
  },
  "self join": {
    sql: "SELECT a.order_id AS order_id, a.ordered AS ordered FROM bronze.orders AS a JOIN bronze.orders AS b ON a.customer_id = b.customer_id",
    partitionBy: month,
  },
  "self join on the key": {
    sql: "SELECT a.customer_id AS customer_id, a.order_id AS a, b.order_id AS b FROM bronze.orders AS a JOIN bronze.orders AS b ON a.customer_id = b.customer_id",
    partitionBy: "customer_id",
    key: ["customer_id"],
    partitions: { "bronze.orders": "`customer_id`" },
    keys: { "bronze.orders": "`customer_id`" },
  },
  "a CTE used twice": {
    sql: "WITH o AS (SELECT * FROM bronze.orders WHERE total > 0) SELECT a.order_id AS order_id, a.ordered AS ordered FROM o AS a WHERE a.total >= (SELECT avg(total) FROM o)",
    partitionBy: month,
  },
  "a CTE joined to its own totals": {
    sql: `WITH o AS (SELECT * FROM bronze.orders), t AS (SELECT toStartOfMonth(ordered) AS month, sum(total) AS total FROM o GROUP BY month)
      SELECT o.order_id AS order_id, o.ordered AS ordered, t.total AS of FROM o JOIN t ON t.month = toStartOfMonth(o.ordered)`,
    partitionBy: month,
    partitions: monthOf,
  },
  "IN a subquery": {
    sql: "SELECT order_id, ordered FROM bronze.orders WHERE customer_id IN (SELECT customer_id FROM bronze.customers WHERE country = 'a')",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "NOT IN a table": {
    sql: "SELECT order_id, ordered FROM bronze.orders WHERE (order_id) NOT IN (SELECT order_id FROM bronze.items)",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "IN a subquery of itself": {
    sql: "SELECT order_id, ordered FROM bronze.orders WHERE customer_id IN (SELECT customer_id FROM bronze.orders WHERE status = 'x')",
    partitionBy: month,
  },
  "a scalar subquery": {
    sql: "SELECT order_id, ordered, (SELECT max(qty) FROM bronze.items) AS most FROM bronze.orders",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a correlated subquery": {
    sql: "SELECT order_id, ordered FROM bronze.orders AS o WHERE EXISTS (SELECT 1 FROM bronze.items AS i WHERE i.order_id = o.order_id)",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a recursive CTE": {
    sql: "WITH RECURSIVE r AS (SELECT order_id, 1 AS n FROM bronze.orders UNION ALL SELECT order_id, n + 1 FROM r WHERE n < 2) SELECT order_id, n FROM r",
    partitionBy: "order_id",
    key: ["order_id"],
  },
  "two lookups in one table": {
    sql: "SELECT i.order_id AS order_id, shipped, a.country AS a, b.country AS b FROM bronze.items AS i JOIN bronze.customers AS a ON a.customer_id = i.order_id JOIN bronze.customers AS b ON b.customer_id = i.qty",
    partitionBy: "toDate(shipped)",
    rowWise: "bronze.items",
    partitions: { "bronze.items": "`toDate`(`shipped`)" },
  },
  "a join that goes on from the optional side": {
    sql: "SELECT o.order_id AS order_id, ordered FROM bronze.orders AS o LEFT JOIN bronze.items AS i ON i.order_id = o.order_id JOIN bronze.customers AS c ON c.customer_id = i.qty",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a join on an aggregate": {
    sql: "SELECT o.order_id AS order_id, ordered FROM bronze.orders AS o JOIN (SELECT order_id, count() AS n FROM bronze.items GROUP BY order_id) AS i ON i.order_id = o.order_id AND i.n > 1",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a join with an aggregate": {
    sql: "SELECT o.order_id AS order_id, ordered, n FROM bronze.orders AS o JOIN (SELECT order_id, count() AS n FROM bronze.items GROUP BY order_id) AS i ON i.order_id = o.order_id",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
    postFilter: false,
  },
  "an array that decides about rows": {
    sql: "SELECT o.order_id AS order_id, ordered, arrayJoin(if(i.qty = 0, ['none'], [])) AS x FROM bronze.orders AS o LEFT JOIN bronze.items AS i ON i.order_id = o.order_id",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
  },
  "a parameter in the partition": {
    sql: "SELECT order_id, ordered + toIntervalDay({shift:UInt8}) AS at FROM bronze.orders",
    partitionBy: "toDate(at)",
    rowWise: "bronze.orders",
    postFilter: false,
  },
  "a text parameter in the partition": {
    sql: "SELECT concat(status, {suffix:String}) AS s FROM bronze.orders LIMIT 1 BY status",
    partitionBy: "s",
  },
  "a parameter elsewhere": {
    sql: "SELECT order_id, ordered FROM bronze.orders WHERE ordered < {until:DateTime}",
    partitionBy: month,
    rowWise: "bronze.orders",
    partitions: monthOf,
    postFilter: false,
  },
  "an unused CTE": {
    sql: "WITH unused AS (SELECT * FROM bronze.orders) SELECT order_id FROM bronze.items",
    partitionBy: "order_id",
  },
  "a constant partition": {
    sql: "SELECT order_id FROM bronze.orders",
    partitionBy: "1",
    rowWise: "bronze.orders",
    partitions: { "bronze.orders": "CAST(1 AS UInt8)" },
    postFilter: false,
  },
  "higher-order functions": {
    sql: "SELECT arrayMap(x -> concat(x, status), tags) AS mapped, ordered FROM bronze.orders",
    partitionBy: "length(mapped)",
    rowWise: "bronze.orders",
    postFilter: false,
  },
};
