/** Real files. The expected counts come from another CSV reader (Python's csv module). */
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { newInbox } from "./files-harness.ts";

const data = new URL("../../../shared/data", import.meta.url).pathname;
const present = existsSync(data);
if (!present) console.warn(`skipped: ${data} is not there`);
if (!present && process.env["CI"] === "true") throw new Error(`${data} is required in CI`);

type Row = Record<string, string | null>;

describe.skipIf(!present)("real files", () => {
  let engine: TestEngine;
  beforeAll(async () => {
    engine = await embeddedForTests();
  });
  afterAll(() => engine.stop());

  it.each([
    ["olist_broken_slice/olist_customers_dataset.csv.gz", 200, 5],
    ["olist_broken_slice/olist_order_items_dataset.csv.gz", 5154, 7],
    ["olist_broken_slice/olist_order_payments_dataset.csv.gz", 4733, 5],
    ["olist_broken_slice/olist_order_reviews_dataset.csv.gz", 6123, 7],
    ["olist_broken_slice/olist_orders_dataset.csv.gz", 4071, 8],
    ["olist_broken_slice/olist_products_dataset.csv.gz", 751, 9],
    ["olist_broken_slice/olist_sellers_dataset.csv.gz", 164, 4],
    ["olist_broken_slice/product_category_name_translation.csv.gz", 71, 2],
    ["flipkart_1050/flipkart_com-ecommerce_sample_1050.csv.gz", 1050, 15],
  ])("%s: %i records of %i columns", async (file, records, columns) => {
    const inbox = newInbox(engine, { path: join(data, file) });
    expect(await inbox.take()).toEqual({ added: records, rejected: 0, extracts: 1 });
    const names = (await inbox.bronze.state()).columns?.map(({ name }) => name) ?? [];
    expect(names).toHaveLength(columns + 3);
    expect(names[0]).toMatch(/^[a-z]/);
    const rows = await inbox.bronze.rows<Row>();
    expect(new Set(rows.map(({ _row }) => Number(_row)))).toEqual(
      new Set(Array.from({ length: records }, (_, i) => i + 1)),
    );
  });

  it("keeps line breaks within quotes: 237 reviews, 174 products", async () => {
    const breaks = async (file: string) => {
      const inbox = newInbox(engine, { path: join(data, file) });
      await inbox.take();
      const rows = await inbox.bronze.rows<Row>();
      return rows.filter((row) => Object.values(row).some((value) => value?.includes("\n"))).length;
    };
    expect(await breaks("olist_broken_slice/olist_order_reviews_dataset.csv.gz")).toBe(237);
    expect(await breaks("flipkart_1050/flipkart_com-ecommerce_sample_1050.csv.gz")).toBe(174);
  });

  it("reads the broken slice the same record by record as at once", async () => {
    const name = "olist_order_reviews_dataset.csv.gz";
    const whole = gunzipSync(readFileSync(join(data, "olist_broken_slice", name)));
    const fast = newInbox(engine);
    fast.put("inbox/reviews.csv", whole);
    await fast.take();
    const slow = newInbox(engine);
    slow.put("inbox/reviews.csv", Buffer.concat([whole, Buffer.from("\r\none field too few\r\n")]));
    expect(await slow.take()).toEqual({ added: 6123, rejected: 1, extracts: 1 });
    const values = async (inbox: typeof fast) =>
      (await inbox.bronze.rows<Row>()).map((row) => ({ ...row, _file_hash: "" }));
    expect(await values(slow)).toEqual(await values(fast));
  });

  it("Online Retail: 541,909 lines of 305 files in five extracts, then nothing", async () => {
    const inbox = newInbox(engine, { path: `${data}/online_retail/by-day/*.csv.gz` });
    expect(await inbox.take()).toEqual({ added: 541_909, rejected: 0, extracts: 5 });
    expect(await inbox.take()).toEqual({ added: 0, rejected: 0, extracts: 0 });
  }, 300_000);

  it("Online Retail: the same in another order with re-deliveries and a corrected file", async () => {
    const source = `${data}/online_retail/by-day`;
    const names = readdirSync(source).filter((name) => name.startsWith("2010-12"));
    const once = newInbox(engine, { path: `${source}/2010-12-*.csv.gz` });
    await once.take();

    const mixed = newInbox(engine, { path: "inbox/*.csv.gz" });
    const inbox = join(mixed.dir, "inbox");
    mkdirSync(inbox, { recursive: true });
    const order = names.toSorted((a, b) => spread(a) - spread(b));
    const [spoiled = ""] = order;
    const text = gunzipSync(readFileSync(join(source, spoiled))).toString("utf8");
    writeFileSync(join(inbox, spoiled), gzipSync(text.split("\n").slice(0, 20).join("\n")));
    for (const [i, part] of [order.slice(1, 8), order.slice(6, 15), order.slice(15)].entries()) {
      for (const name of part) copyFileSync(join(source, name), join(inbox, name));
      copyFileSync(join(source, part[0] ?? ""), join(inbox, `again-${i}.csv.gz`));
      await mixed.take();
    }
    copyFileSync(join(source, spoiled), join(inbox, spoiled));
    await mixed.take();
    expect(await mixed.bronze.count()).toBe(await once.bronze.count());
    expect(await mixed.checksum()).toBe(await once.checksum());
  });
});

/** A fixed shuffle. */
function spread(name: string): number {
  let hash = 7;
  for (const character of name) hash = (hash * 31 + character.charCodeAt(0)) % 9973;
  return hash;
}
