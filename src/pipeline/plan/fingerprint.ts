/** Whether a published version was made by the model as it is now. */
import { createHash } from "node:crypto";
import type { Model } from "../../project/project.ts";

/**
 * Hash of everything besides the input rows that decides a model's result: text, rules, key, partitioning, declared types, the
 * engine's version and the values of parameters. 52 bits, so that it fits a Delta `txn` version and a JavaScript number.
 */
export function fingerprintOf(
  model: Model,
  engineVersion: string,
  parameters: Readonly<Record<string, string>>,
): number {
  const facts = [
    model.sql,
    model.key,
    model.newestBy,
    model.partitionBy,
    model.orderBy,
    model.columns.map((column) => [column.name, column.type]),
    model.reject.map((rule) => [rule.name, rule.condition]),
    model.schema,
    engineVersion.split(".").slice(0, 2),
    Object.entries(parameters).sort(),
  ];
  return Number.parseInt(createHash("sha256").update(JSON.stringify(facts)).digest("hex").slice(0, 13), 16);
}
