/** queries/**.sql and checks/*.sql. */
import { z } from "zod";
import type { CheckSpec } from "../api/checks.ts";
import { dimensions } from "../api/dimensions.ts";
import type { Problem } from "../util/errors.ts";
import { thresholdSchema } from "./check-specs.ts";
import { at, names, object, unknownName } from "./issues.ts";
import type { NamedQuery } from "./project.ts";
import { readSqlFile } from "./sql-file.ts";
import { parseYaml } from "./yaml-document.ts";

const scalar = z.union([z.string(), z.number(), z.boolean()]).transform(String);

const queryHeader = object({
  description: z.string().default(""),
  tags: names().default([]),
  parameters: z
    .record(
      z.string(),
      z.union([
        scalar.transform((value) => ({ default: value, description: "" })),
        z.null().transform(() => ({ default: undefined, description: "" })),
        object({ default: scalar.optional(), description: z.string().default("") }),
      ]),
    )
    .default({}),
});

/** Reads one named query: "queries/kpi/revenue.sql" is "kpi/revenue". */
export function readQuery(file: string, content: string, problems: Problem[]): NamedQuery | undefined {
  const sqlFile = readSqlFile(file, content);
  problems.push(...sqlFile.problems);
  const given = parseYaml(sqlFile.header, queryHeader, { file, subject: "", problems });
  if (!given || sqlFile.sql === "") return undefined;
  const types = sqlFile.parameters;
  for (const name of Object.keys(given.parameters))
    if (!(name in types))
      problems.push({
        ...unknownName(`parameter "${name}"`, name, Object.keys(types), "the query's SQL"),
        ...at(file, sqlFile.header.lineOf(["parameters", name])),
      });
  return {
    name: file.replace(/^queries\//, "").replace(/\.sql$/, ""),
    file,
    sql: sqlFile.sql,
    sqlLine: sqlFile.sqlLine,
    description: given.description.trim(),
    tags: given.tags,
    reads: [],
    parameters: Object.fromEntries(
      Object.entries(types).map(([name, type]) => {
        const { default: value, description = "" } = given.parameters[name] ?? {};
        return [name, { type, default: value, description: description.trim() }];
      }),
    ),
  };
}

const checkHeader = object({
  dataset: z.string(),
  description: z.string().default(""),
  severity: z.enum(["warn", "error"]).default("error"),
  threshold: thresholdSchema.optional(),
  dimension: z.enum(dimensions).default("consistency"),
});

/** A check in a file of its own. */
export interface SqlCheck {
  /** Whose rows it looks at. */
  readonly dataset: string;
  /** Relative to the project. */
  readonly file: string;
  /** Line of the header's `dataset`. */
  readonly datasetLine: number;
  /** Line of the file on which its SELECT starts, from 1. */
  readonly sqlLine: number;
  /** The check in the form that all checks have. */
  readonly spec: CheckSpec;
}

/** Reads one free-form check: its SELECT returns the bad rows of `dataset`. */
export function readSqlCheck(file: string, content: string, problems: Problem[]): SqlCheck | undefined {
  const sqlFile = readSqlFile(file, content);
  problems.push(...sqlFile.problems);
  const given = parseYaml(sqlFile.header, checkHeader, { file, subject: "", problems });
  if (!given || sqlFile.sql === "") return undefined;
  const { dataset, description, severity, threshold, dimension } = given;
  const spec: CheckSpec = {
    name: file.replace(/\.sql$/, ""),
    type: "sql",
    arguments: { sql: sqlFile.sql, description: description.trim() },
    severity,
    ...(threshold === undefined ? {} : { threshold }),
    dimension,
    location: `${file}:${sqlFile.sqlLine}`,
  };
  return {
    dataset,
    file,
    datasetLine: sqlFile.header.lineOf(["dataset"]) ?? 1,
    sqlLine: sqlFile.sqlLine,
    spec,
  };
}
