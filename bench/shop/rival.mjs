// The part `rival` of bench/shop.mjs: what dlt and dbt-duckdb (bench/rival) take for the same shop, in turns with ours.
import pg from "pg";
import { median, print, round } from "../cpu.mjs";

/** What the gold tables of both must have in common. */
const totals = {
  dim_products: "sum(current_price), sum(current_cost)",
  dim_customers: "count(DISTINCT email)",
  fact_daily_sales:
    "sum(total_orders), sum(total_items_sold), sum(total_revenue), sum(total_returns), sum(net_sales)",
  fact_customer_orders:
    "sum(total_amount), sum(net_amount), sum(is_counted::int), sum(total_items), count(customer_key)",
  agg_campaign_performance: "sum(total_revenue), sum(budget), round(sum(roi_percentage))",
  agg_inventory_status: "sum(current_stock), sum(total_in), sum(total_out), count(last_transaction_date)",
};

/**
 * Measures `rounds` turns of rival and ours; `oursAnew` and `rivalAnew` each fill an empty gold database and tell the cost.
 * The rival's first run is not measured: it leaves what dbt and Python remember of their own files. Throws when the gold tables differ.
 */
export async function rival({ gold, rounds, oursAnew, rivalAnew }) {
  await rivalAnew();
  const theirs = await goldTotals(gold);
  const all = [];
  for (let i = 0; i < rounds; i++)
    all.push({
      tuned: await rivalAnew(),
      wide: await rivalAnew({ RIVAL_WIDE_DECIMALS: "1" }),
      ours: await oursAnew(),
    });
  const ours = await goldTotals(gold);
  if (ours !== theirs) throw new Error(`The gold tables differ.\nours:\n${ours}\nrival:\n${theirs}`);
  const of = (name, figure) => median(all.map((turn) => turn[name][figure]));
  const line = (name) => ["wall", "postgres", "memoryMb"].map((figure) => of(name, figure)).join("  ");
  const ratio = (name, figure) => round(median(all.map((turn) => turn.ours[figure] / turn[name][figure])));
  const versus = (name, limit) => [
    [`ours / ${names[name]}, CPU`, ratio(name, "cpu"), limit],
    [`ours / ${names[name]}, wall`, ratio(name, "wall"), limit],
  ];
  print([
    ...["tuned", "wide", "ours"].flatMap((name) => [
      [`${names[name]}: CPU s`, of(name, "cpu")],
      [`${names[name]}: wall s, PostgreSQL's CPU s, peak MB`, line(name)],
    ]),
    ...versus("tuned", "at most 0.4"),
    ...versus("wide", "at most 0.4"),
    ["gold tables of both: rows and sums", "equal"],
  ]);
}

const names = { tuned: "rival", wide: "rival with ConnectorX's decimals", ours: "ours in turns with it" };

async function goldTotals(url) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const lines = [];
    for (const [table, columns] of Object.entries(totals)) {
      const { rows } = await client.query({
        text: `SELECT count(*), ${columns} FROM ${table}`,
        rowMode: "array",
      });
      lines.push(`${table} ${rows[0].map(Number).join(" ")}`);
    }
    return lines.join("\n");
  } finally {
    await client.end();
  }
}
