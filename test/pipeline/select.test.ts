import { describe, expect, it } from "vitest";
import type { GraphNode } from "../../src/pipeline/graph/graph.ts";
import { selectNodes } from "../../src/pipeline/graph/select.ts";

function node(dataset: string, dependsOn: readonly string[] = [], tags: readonly string[] = []): GraphNode {
  const layer = dataset.includes(":") ? "sink" : (dataset.split(".")[0] as GraphNode["layer"]);
  const work =
    layer === "sink"
      ? {
          kind: "sink" as const,
          sink: dataset.split(":")[0] ?? "",
          dataset: dataset.split(":")[1] ?? "",
          references: [],
          referenced: [],
        }
      : { kind: "source" as const, source: "shop", table: dataset };
  return { dataset, layer, tags, dependsOn, work };
}

const nodes = [
  node("bronze.shop_orders"),
  node("bronze.shop_items"),
  node("silver.orders", ["bronze.shop_orders"], ["daily"]),
  node("silver.items", ["bronze.shop_items"]),
  node("gold.fact_sales", ["silver.orders", "silver.items"], ["daily"]),
  node("gold.dim_dates"),
  node("reporting:gold.fact_sales", ["gold.fact_sales"]),
];
const schedules = [
  { name: "daily_gold_aggregation", cron: "0 5 * * *", select: "gold" },
  { name: "mornings", cron: "0 6 * * *", select: " silver,tag:daily  gold.dim_* " },
  { name: "typo", cron: "0 6 * * *", select: "glod" },
  { name: "nested", cron: "0 6 * * *", select: "mornings" },
];
const names = (...selectors: string[]): readonly string[] =>
  selectNodes(nodes, selectors, schedules).map((chosen) => chosen.dataset);

describe("selectors", () => {
  it("takes everything without one", () => expect(names()).toHaveLength(nodes.length));
  it("takes a dataset by full and by short name", () => {
    expect(names("silver.orders")).toEqual(["silver.orders"]);
    expect(names("orders")).toEqual(["silver.orders"]);
  });
  it("takes a layer, a tag, a source, a sink, a pattern, a schedule", () => {
    expect(names("silver")).toEqual(["silver.orders", "silver.items"]);
    expect(names("tag:daily")).toEqual(["silver.orders", "gold.fact_sales"]);
    expect(names("source:shop")).toContain("bronze.shop_items");
    expect(names("sink:reporting")).toEqual(["reporting:gold.fact_sales"]);
    expect(names("gold.dim_*")).toEqual(["gold.dim_dates"]);
    expect(names("daily_gold_aggregation")).toEqual(["gold.fact_sales", "gold.dim_dates"]);
  });
  it("follows + upstream and downstream", () => {
    expect(names("+silver.orders")).toEqual(["bronze.shop_orders", "silver.orders"]);
    expect(names("silver.orders+")).toEqual([
      "silver.orders",
      "gold.fact_sales",
      "reporting:gold.fact_sales",
    ]);
    expect(names("+gold.fact_sales+")).toHaveLength(6);
  });
  it("intersects with a comma and unites several arguments", () => {
    expect(names("tag:daily,gold")).toEqual(["gold.fact_sales"]);
    expect(names("silver.items", "gold.dim_dates")).toEqual(["silver.items", "gold.dim_dates"]);
  });
  it("takes a schedule like any other selector: with its neighbours, crossed with others", () => {
    expect(names("schedule:daily_gold_aggregation")).toEqual(["gold.fact_sales", "gold.dim_dates"]);
    expect(names("mornings")).toEqual(["silver.orders", "gold.dim_dates"]);
    expect(names("+mornings")).toEqual(["bronze.shop_orders", "silver.orders", "gold.dim_dates"]);
    expect(names("schedule:mornings+")).toEqual([
      "silver.orders",
      "gold.fact_sales",
      "gold.dim_dates",
      "reporting:gold.fact_sales",
    ]);
    expect(names("mornings,gold")).toEqual(["gold.dim_dates"]);
    expect(names("mornings", "silver.items")).toHaveLength(3);
  });
  it("names what is wrong in a schedule, or near a schedule's name", () => {
    expect(() => names("typo")).toThrowError('no dataset matches "glod"');
    expect(() => names("nested")).toThrowError('no dataset matches "mornings"');
    expect(() => names("schedule:silver")).toThrowError('no dataset matches "schedule:silver"');
    expect(() => names("morning")).toThrow(
      expect.objectContaining({ details: expect.objectContaining({ hint: 'Did you mean "mornings"?' }) }),
    );
  });
  it("names the nearest dataset when nothing matches", () => {
    expect(() => names("silver.ordrs")).toThrowError('no dataset matches "silver.ordrs"');
    try {
      names("fact_sale");
    } catch (error) {
      expect((error as { details: { hint: string } }).details.hint).toBe('Did you mean "fact_sales"?');
    }
  });
});
