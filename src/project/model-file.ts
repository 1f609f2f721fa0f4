/** models/<layer>/.../<name>.sql -> Model, as far as the file alone tells. */
import { z } from "zod";
import type { CheckSpec } from "../api/checks.ts";
import type { Problem } from "../util/errors.ts";
import { type CheckPlace, readChecks, uniqueNames } from "./check-specs.ts";
import { at, names, object, unknownName } from "./issues.ts";
import type { Kinds } from "./kinds.ts";
import { standardParameters } from "./parameters.ts";
import type { Model } from "./project.ts";
import { parameterLine, readSqlFile } from "./sql-file.ts";
import { parseYaml } from "./yaml-document.ts";

/** Parameters that a run gives to every model. */
export const modelParameters: readonly string[] = [...standardParameters, "interval_start", "interval_end"];

const column = object({
  description: z.string().default(""),
  type: z.string().optional(),
  tags: names().default([]),
  checks: z.array(z.unknown()).default([]),
});

const ruleName = z
  .string()
  .regex(/^[a-z][a-z0-9_]*$/, "a rule's name must be lower-case letters, digits and _");

/** What the header of a model may hold. */
export const modelHeader = object({
  description: z.string().default(""),
  tags: names().default([]),
  key: names().default([]),
  newest_by: names().default([]),
  partition_by: z.string().optional(),
  order_by: names().default([]),
  columns: z
    .record(
      z.string(),
      z.preprocess((value) => value ?? {}, column),
    )
    .default({}),
  reject: z.record(ruleName, z.string()).default({}),
  checks: z.array(z.unknown()).default([]),
});

/** Reads one model. Undefined when its header cannot be read; what is wrong goes to `problems`. */
export function readModel(
  file: string,
  content: string,
  { checks: types, problems }: { readonly checks: Kinds["checks"]; readonly problems: Problem[] },
): Model | undefined {
  const sqlFile = readSqlFile(file, content);
  problems.push(...sqlFile.problems);
  const { lineOf, value } = sqlFile.header;
  const given = parseYaml(sqlFile.header, modelHeader, { file, subject: "", problems });
  const checks = headerChecks(value, { file, lineOf, types }, problems);
  const match = /^models\/(silver|gold)\/(?:.*\/)?([^/]+)\.sql$/.exec(file);
  const [layer, name] = [match?.[1], match?.[2]];
  if (!given || name === undefined || (layer !== "silver" && layer !== "gold")) return undefined;
  if (!/^[a-z][a-z0-9_]*$/.test(name))
    problems.push({
      message: `"${name}" cannot be the name of a dataset`,
      hint: "use lower-case letters, digits and _ for the file's name, starting with a letter",
      ...at(file, 1),
    });
  if (given.newest_by.length > 0 && given.key.length === 0)
    problems.push({
      message: "newest_by needs a key: of several rows with the same key the newest is kept",
      hint: "add key: <columns>",
      ...at(file, lineOf(["newest_by"])),
    });
  const columns = Object.entries(given.columns);
  for (const name of Object.keys(sqlFile.parameters))
    if (!modelParameters.includes(name))
      problems.push({
        ...unknownName(`parameter {${name}}`, name, modelParameters, "the SELECT of a model"),
        ...at(file, parameterLine(sqlFile, name)),
      });
  if (sqlFile.sql === "") return undefined;
  return {
    dataset: `${layer}.${name}`,
    layer,
    name,
    file,
    sql: sqlFile.sql,
    sqlLine: sqlFile.sqlLine,
    description: given.description.trim(),
    tags: given.tags,
    key: given.key,
    newestBy: given.newest_by,
    partitionBy: given.partition_by,
    orderBy: given.order_by.length > 0 ? given.order_by : given.key,
    columns: columns.map(([name, { description, type, tags }]) => ({ name, description, type, tags })),
    reject: Object.entries(given.reject).map(([name, condition]) => ({
      name,
      condition,
      location: `${file}:${lineOf(["reject", name]) ?? 1}`,
    })),
    checks: uniqueNames(checks),
    dependencies: [],
    schema: [],
    parameters: sqlFile.parameters,
  };
}

/** Reads the checks of columns and table, also when other parts of the header are wrong. */
function headerChecks(
  header: unknown,
  place: Pick<CheckPlace, "file" | "lineOf" | "types">,
  problems: Problem[],
): CheckSpec[] {
  const { columns, checks } = record(header);
  const ofColumns = Object.entries(record(columns)).flatMap(([column, spec]) =>
    readChecks(
      list(record(spec)["checks"]),
      { ...place, path: ["columns", column, "checks"], column },
      problems,
    ),
  );
  return [...ofColumns, ...readChecks(list(checks), { ...place, path: ["checks"] }, problems)];
}

function record(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
