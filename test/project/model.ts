import type { Model } from "../../src/project/project.ts";

/** A model with these fields, everything else empty. */
export function modelWith(fields: Partial<Model> & Pick<Model, "sql">): Model {
  return {
    dataset: "gold.x",
    layer: "gold",
    name: "x",
    file: "models/gold/x.sql",
    sqlLine: 1,
    description: "",
    tags: [],
    key: [],
    newestBy: [],
    partitionBy: undefined,
    orderBy: [],
    columns: [],
    reject: [],
    checks: [],
    dependencies: [],
    schema: [],
    parameters: {},
    ...fields,
  };
}
