import { expect, test } from "vitest";
import type { CheckSpec } from "../../src/api/checks.ts";
import { sinkNodes } from "../../src/pipeline/graph/graph.ts";
import { referencesAmong } from "../../src/pipeline/graph/references.ts";
import type { Model } from "../../src/project/project.ts";

function check(type: string, column: string | undefined, rest: Partial<CheckSpec> = {}): CheckSpec {
  return {
    name: type,
    type,
    ...(column === undefined ? {} : { column }),
    arguments: {},
    severity: "error",
    dimension: "consistency",
    location: "",
    ...rest,
  };
}
const refers = (column: string, to: string, rest: Partial<CheckSpec> = {}) =>
  check("relationships", column, { arguments: { to }, ...rest });
const model = (dataset: string, key: readonly string[], checks: readonly CheckSpec[] = []): Model =>
  ({ dataset, key, checks }) as unknown as Model;

const all = (...models: readonly Model[]) => {
  const datasets = models.map(({ dataset }) => dataset);
  return referencesAmong(models, new Set(datasets));
};
const order = (...models: readonly Model[]) =>
  sinkNodes(
    "reporting",
    models.map(({ dataset }) => dataset),
    all(...models),
  ).map(({ dataset, dependsOn }) => [dataset, ...dependsOn].join(" "));

const dim = model("gold.dim", ["id"]);

test("a blocking check to a single key is a reference", () => {
  const fact = model("gold.fact", ["n"], [refers("dim_id", "gold.dim.id"), refers("dim_id", "gold.dim.id")]);
  const found = all(fact, dim);
  const reference = { column: "dim_id", to: { dataset: "gold.dim", column: "id" } };
  expect(found.get("gold.fact")).toEqual({ references: [reference], referenced: [] });
  expect(found.get("gold.dim")).toEqual({ references: [], referenced: ["id"] });
  expect(referencesAmong([fact, dim], new Set(["gold.fact"])).get("gold.fact")?.references).toEqual([]);
});

test("a check of the table names its column as an argument", () => {
  const spec = check("relationships", undefined, { arguments: { to: "gold.dim.id", column: "dim_id" } });
  expect(all(model("gold.fact", [], [spec]), dim).get("gold.fact")?.references).toHaveLength(1);
});

test.each([
  ["a warning", { severity: "warn" as const }],
  ["a condition", { where: "x > 1" }],
  ["rows that may be bad", { threshold: { rows: 1 } }],
  ["a percentage that may be bad", { threshold: { percent: 0.1 } }],
])("%s is not enough", (_, rest) => {
  const from = (found: ReturnType<typeof all>) => found.get("gold.fact")?.references;
  const arguments_ = { arguments: { to: "gold.dim.code" } };
  const unique = model("gold.dim", ["id"], [check("unique", "code")]);
  const fact = model("gold.fact", [], [refers("code", "gold.dim.code")]);
  expect(from(all(fact, unique))).toHaveLength(1);
  expect(from(all(model("gold.fact", [], [refers("code", "", { ...arguments_, ...rest })]), unique))).toEqual(
    [],
  );
  expect(from(all(fact, model("gold.dim", ["id"], [check("unique", "code", rest)])))).toEqual([]);
});

test("a part of a key, or of a combination that is unique, is not unique itself", () => {
  const fact = model("gold.fact", [], [refers("a", "gold.dim.a")]);
  const from = (to: Model) => all(fact, to).get("gold.fact")?.references.length;
  expect(from(model("gold.dim", ["a", "b"]))).toBe(0);
  expect(
    from(model("gold.dim", [], [check("unique", undefined, { arguments: { columns: ["a", "b"] } })])),
  ).toBe(0);
  expect(from(model("gold.dim", [], [check("unique", undefined, { arguments: { columns: ["a"] } })]))).toBe(
    1,
  );
});

test("what is referred to is delivered first", () => {
  const fact = model("gold.a_fact", [], [refers("dim_id", "gold.dim.id"), refers("x", "gold.a_fact.x")]);
  expect(order(fact, dim)).toEqual([
    "reporting:gold.dim gold.dim",
    "reporting:gold.a_fact gold.a_fact reporting:gold.dim",
  ]);
});

test("datasets that refer to each other are delivered all the same", () => {
  const a = model("gold.a", ["id"], [refers("b_id", "gold.b.id")]);
  const b = model("gold.b", ["id"], [refers("a_id", "gold.a.id"), refers("parent", "gold.b.id")]);
  expect(order(a, b)).toEqual(["reporting:gold.b gold.b", "reporting:gold.a gold.a reporting:gold.b"]);
});
