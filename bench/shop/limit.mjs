// The limit that a run of the shop is held against: the same job as one straight script on the same engine, with text COPY through
// pipes both ways. No checks, no quarantine, no history, no atomic publish: PostgreSQL -> Parquet -> Parquet -> PostgreSQL.
import { createReadStream, createWriteStream, mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import copyStreams from "pg-copy-streams";

const text = "String";
const time = "DateTime64(6, 'UTC')";
const optional = (type) => `Nullable(${type})`;

/** Columns and types of the six source tables, in the order in which COPY writes them. */
const sourceTables = {
  customers: {
    customer_id: "Int32",
    email: text,
    first_name: text,
    last_name: text,
    phone: optional(text),
    date_of_birth: optional("Date32"),
    registration_date: time,
    customer_segment: text,
    loyalty_tier: text,
    country: optional(text),
    city: optional(text),
    postal_code: optional(text),
    marketing_consent: optional("Bool"),
    last_login_date: optional(time),
    account_status: text,
    created_at: time,
    updated_at: time,
  },
  products: {
    product_id: "Int32",
    product_name: text,
    sku: text,
    category: text,
    subcategory: optional(text),
    brand: optional(text),
    price: "Decimal(10, 2)",
    cost: "Decimal(10, 2)",
    stock_quantity: "Int32",
    reorder_level: "Int32",
    supplier_id: optional("Int32"),
    weight_kg: optional("Decimal(8, 2)"),
    dimensions_cm: optional(text),
    is_active: "Bool",
    created_date: time,
    last_updated: time,
  },
  orders: {
    order_id: "Int64",
    customer_id: "Int32",
    order_date: time,
    order_status: text,
    payment_method: text,
    shipping_address: optional(text),
    billing_address: optional(text),
    total_amount: "Decimal(12, 2)",
    discount_amount: "Decimal(12, 2)",
    tax_amount: "Decimal(12, 2)",
    shipping_cost: "Decimal(12, 2)",
    currency: text,
    payment_status: text,
    fulfillment_date: optional(time),
    campaign_id: optional("Int32"),
    created_at: time,
    updated_at: time,
  },
  order_items: {
    order_item_id: "Int64",
    order_id: "Int64",
    product_id: "Int32",
    quantity: "Int32",
    unit_price: "Decimal(10, 2)",
    discount_percentage: "Decimal(5, 2)",
    line_total: "Decimal(12, 2)",
    tax_amount: "Decimal(12, 2)",
    return_status: text,
    created_at: time,
    updated_at: time,
    returned_at: optional(time),
  },
  inventory_transactions: {
    transaction_id: "Int64",
    product_id: "Int32",
    warehouse_id: "Int32",
    transaction_type: text,
    quantity: "Int32",
    transaction_date: time,
    reference_order_id: optional("Int64"),
    notes: optional(text),
    created_at: time,
  },
  marketing_campaigns: {
    campaign_id: "Int32",
    campaign_name: text,
    channel: text,
    start_date: "Date",
    end_date: "Date",
    budget: "Decimal(12, 2)",
    target_segment: text,
    impressions: "Int64",
    clicks: "Int64",
    conversions: "Int64",
    revenue_generated: "Decimal(12, 2)",
    roi: optional("Decimal(12, 2)"),
    created_at: time,
    updated_at: time,
  },
};

const silver = {
  customers: `SELECT * EXCEPT (email, phone, marketing_consent), lower(trim(email)) AS email, concat(first_name, ' ', last_name) AS full_name,
    ifNull(phone, 'Unknown') AS phone, ifNull(marketing_consent, false) AS marketing_consent FROM {bronze:customers}
    ORDER BY updated_at DESC LIMIT 1 BY customer_id`,
  products: `SELECT * EXCEPT (category, subcategory, brand), initcapUTF8(trim(category)) AS category, initcapUTF8(trim(subcategory)) AS subcategory, upperUTF8(trim(brand)) AS brand,
    round((toDecimal128(price, 6) - cost) * 100 / nullIf(price, 0), 2) AS profit_margin,
    multiIf(stock_quantity <= 0, 'Out of Stock', stock_quantity <= reorder_level, 'Low Stock', 'In Stock') AS stock_status FROM {bronze:products}
    LIMIT 1 BY product_id`,
  orders: `SELECT *, toDate(order_date, 'Europe/Berlin') AS order_day, total_amount - tax_amount - shipping_cost AS net_amount,
    intDiv(dateDiff('second', order_date, fulfillment_date), 86400) AS days_to_fulfill FROM {bronze:orders} LIMIT 1 BY order_id`,
  order_items: `SELECT *, unit_price * quantity AS gross_amount, unit_price * quantity - line_total AS discount_amount, line_total + tax_amount AS final_price
    FROM {bronze:order_items} LIMIT 1 BY order_item_id`,
  inventory_transactions: `SELECT *, abs(quantity) AS abs_quantity FROM {bronze:inventory_transactions} LIMIT 1 BY transaction_id`,
  marketing_campaigns: `SELECT *, dateDiff('day', start_date, end_date) AS duration_days, round(toDecimal128(clicks, 8) * 100 / nullIf(impressions, 0), 2) AS ctr,
    round(toDecimal128(conversions, 8) * 100 / nullIf(clicks, 0), 2) AS conversion_rate, round(toDecimal128(budget, 8) / nullIf(clicks, 0), 2) AS cost_per_click,
    round(toDecimal128(budget, 8) / nullIf(conversions, 0), 2) AS cost_per_conversion FROM {bronze:marketing_campaigns} LIMIT 1 BY campaign_id`,
};

const gold = {
  dim_products: {
    ddl: "product_key integer PRIMARY KEY, product_id integer UNIQUE, product_name text, sku text, category text, subcategory text, brand text, current_price numeric(10,2), current_cost numeric(10,2), is_active boolean",
    sql: "SELECT product_id AS a, product_id + 0 AS b, product_name, sku, category, subcategory, brand, price, cost, is_active FROM {silver:products}",
  },
  dim_customers: {
    ddl: "customer_key integer PRIMARY KEY, customer_id integer UNIQUE, email text, full_name text, customer_segment text, loyalty_tier text, country text, city text, registration_date timestamptz, account_status text",
    sql: "SELECT customer_id AS a, customer_id + 0 AS b, email, full_name, customer_segment, loyalty_tier, country, city, registration_date, account_status FROM {silver:customers}",
  },
  fact_daily_sales: {
    ddl: "sales_date date, category text, total_orders bigint, total_items_sold bigint, total_revenue numeric(18,2), total_discount numeric(18,2), total_tax numeric(18,2), avg_order_value numeric(18,2), unique_customers bigint, PRIMARY KEY (sales_date, category)",
    sql: `SELECT o.order_day AS sales_date, p.category AS category, uniqExact(o.order_id), sum(i.quantity), sum(i.line_total), sum(i.discount_amount), sum(i.tax_amount),
      round(toDecimal128(sum(i.line_total), 6) / uniqExact(o.order_id), 2), uniqExact(o.customer_id)
      FROM {silver:order_items} AS i INNER JOIN {silver:orders} AS o ON o.order_id = i.order_id INNER JOIN {silver:products} AS p ON p.product_id = i.product_id
      WHERE o.order_status != 'Cancelled' AND o.payment_status != 'Failed' GROUP BY sales_date, category`,
  },
  fact_customer_orders: {
    ddl: "order_id bigint PRIMARY KEY, customer_key integer, order_date timestamptz, order_status text, payment_method text, total_amount numeric(12,2), discount_amount numeric(12,2), tax_amount numeric(12,2), shipping_cost numeric(12,2), total_items bigint, payment_status text, fulfillment_date timestamptz, days_to_fulfill bigint",
    sql: `SELECT o.order_id AS order_id, if(c.customer_id = 0, NULL, c.customer_id) AS customer_key, o.order_date, o.order_status, o.payment_method, o.total_amount, o.discount_amount, o.tax_amount, o.shipping_cost,
      i.units, o.payment_status, o.fulfillment_date, o.days_to_fulfill FROM {silver:orders} AS o
      LEFT JOIN (SELECT order_id, sum(quantity) AS units FROM {silver:order_items} GROUP BY order_id) AS i ON i.order_id = o.order_id
      LEFT JOIN (SELECT customer_id FROM {silver:customers}) AS c ON c.customer_id = o.customer_id`,
  },
  agg_campaign_performance: {
    ddl: "campaign_id integer PRIMARY KEY, campaign_name text, channel text, start_date date, end_date date, budget numeric(12,2), target_segment text, total_impressions bigint, total_clicks bigint, total_conversions bigint, total_revenue numeric(12,2), roi_percentage numeric(18,2), ctr numeric(18,2), conversion_rate numeric(18,2), cost_per_click numeric(18,2), cost_per_conversion numeric(18,2)",
    sql: `SELECT campaign_id, campaign_name, channel, start_date, end_date, budget, target_segment, impressions, clicks, conversions, revenue_generated,
      round(toDecimal128(revenue_generated - budget, 8) * 100 / nullIf(budget, 0), 2), ctr, conversion_rate, cost_per_click, cost_per_conversion FROM {silver:marketing_campaigns}`,
  },
  agg_inventory_status: {
    ddl: "product_id integer PRIMARY KEY, product_name text, category text, current_stock integer, reorder_level integer, stock_status text, total_in bigint, total_out bigint, total_adjustments bigint, last_transaction_date timestamptz",
    sql: `SELECT p.product_id AS product_id, p.product_name AS product_name, p.category AS category, p.stock_quantity AS stock, p.reorder_level AS level,
      p.stock_status AS status, m.ins AS ins, m.outs AS outs, m.adjustments AS adjustments, if(m.product_id = 0, NULL, m.last) AS moved
      FROM {silver:products} AS p LEFT JOIN (SELECT product_id, sumIf(quantity, transaction_type = 'IN') AS ins, -sumIf(quantity, transaction_type = 'OUT') AS outs,
      sumIf(quantity, transaction_type = 'ADJUSTMENT') AS adjustments, max(transaction_date) AS last FROM {silver:inventory_transactions} GROUP BY product_id) AS m ON m.product_id = p.product_id`,
  },
};

/** The dictionaries and bloom filters that Parquet could have cost a third of writing such tables. */
const settings = {
  output_format_parquet_write_bloom_filter: 0,
  output_format_parquet_max_dictionary_size: 0,
  format_tsv_null_representation: "\\N",
};

/** Runs the three layers one after the other, `lanes` tables at a time. Throws when anything fails. */
export async function runLimit({ engine, dir, from, to, makeFifo, lanes = 2 }) {
  const job = { engine, dir, from, to, makeFifo };
  for (const layer of ["bronze", "silver"]) mkdirSync(join(dir, layer), { recursive: true });
  await inLanes(lanes, Object.entries(sourceTables), (entry) => bronzeTable(job, entry));
  await inLanes(lanes, Object.entries(silver), ([name, sql]) =>
    engine.command(
      `INSERT INTO FUNCTION file('${join(dir, "silver", name)}.parquet', 'Parquet') ${bound(job, sql)}`,
      { settings },
    ),
  );
  await inLanes(lanes, Object.entries(gold), (entry) => goldTable(job, entry));
}

function bound({ dir }, sql) {
  return sql.replaceAll(
    /\{(\w+):(\w+)\}/g,
    (_, layer, name) => `file('${join(dir, layer, name)}.parquet', 'Parquet')`,
  );
}

async function bronzeTable({ engine, dir, from, makeFifo }, [name, columns]) {
  const pipe = await pipeFor(makeFifo, dir, `bronze-${name}`);
  const structure = Object.entries(columns)
    .map(([column, type]) => `${column} ${type}`)
    .join(", ");
  await withClient(from, async (client) => {
    const reading = engine.command(
      `INSERT INTO FUNCTION file('${join(dir, "bronze", name)}.parquet', 'Parquet') SELECT *, now64(6) AS _ingested_at FROM file('${pipe}', 'TSV', '${structure.replaceAll("'", "\\'")}')`,
      { settings },
    );
    const copy = copyStreams.to(`COPY (SELECT ${Object.keys(columns).join(", ")} FROM ${name}) TO STDOUT`);
    await Promise.all([reading, pipeline(client.query(copy), createWriteStream(pipe))]);
  });
}

async function goldTable(job, [name, { ddl, sql }]) {
  const pipe = await pipeFor(job.makeFifo, job.dir, `gold-${name}`);
  await withClient(job.to, async (client) => {
    await client.query(`DROP TABLE IF EXISTS ${name}`);
    await client.query(`CREATE TABLE ${name} (${ddl})`);
    const writing = job.engine.command(`INSERT INTO FUNCTION file('${pipe}', 'TSV') ${bound(job, sql)}`, {
      settings,
    });
    await Promise.all([
      writing,
      pipeline(createReadStream(pipe), client.query(copyStreams.from(`COPY ${name} FROM STDIN`))),
    ]);
  });
}

async function pipeFor(makeFifo, dir, name) {
  const path = join(dir, `${name}.fifo`);
  rmSync(path, { force: true });
  await makeFifo(path);
  return path;
}

async function withClient(url, work) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await work(client).catch((error) => {
    // A COPY that waits for its pipe would never end.
    client.connection.stream.destroy();
    throw error;
  });
  await client.end();
}

async function inLanes(lanes, items, work) {
  const left = [...items];
  const lane = async () => {
    for (let item = left.shift(); item !== undefined; item = left.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: lanes }, lane));
}
