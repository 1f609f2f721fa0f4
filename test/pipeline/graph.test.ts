import { expect, test } from "vitest";
import { buildGraph } from "../../src/pipeline/graph/graph.ts";
import type { Model, Project } from "../../src/project/project.ts";

/** A model that reads and is compared (by a relationships check) with other datasets. */
function model(dataset: string, reads: readonly string[], comparedWith: readonly string[] = []): Model {
  const [layer, name = ""] = dataset.split(".");
  const checks = comparedWith.map((to) => ({
    name: `relationships_${to}`,
    type: "relationships",
    column: "id",
    arguments: { to: `${to}.id` },
    severity: "error" as const,
    dimension: "consistency" as const,
    location: "",
  }));
  return { dataset, layer, name, dependencies: reads, checks, tags: [] } as unknown as Model;
}

const order = (...models: readonly Model[]) =>
  buildGraph({ models } as unknown as Project, [{ source: "shop", table: "t" }]).map((node) => node.dataset);

test("a dataset comes after those its checks compare it with", () => {
  expect(
    order(model("silver.a", ["bronze.shop_t"], ["silver.b"]), model("silver.b", ["bronze.shop_t"])),
  ).toEqual(["bronze.shop_t", "silver.b", "silver.a"]);
});

test("checks that would close a circle do not", () => {
  expect(order(model("silver.a", [], ["silver.b"]), model("silver.b", ["silver.a"]))).toEqual([
    "bronze.shop_t",
    "silver.a",
    "silver.b",
  ]);
  expect(order(model("silver.a", [], ["silver.b"]), model("silver.b", [], ["silver.a"]))).toHaveLength(3);
});

test("models that read each other are an error, with checks or without", () => {
  const circle = [
    model("silver.a", ["silver.b"], ["silver.c"]),
    model("silver.b", ["silver.a"]),
    model("silver.c", []),
  ];
  expect(() => order(...circle)).toThrow("in a circle: silver.a -> silver.b -> silver.a");
});
