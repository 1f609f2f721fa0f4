/** Attempts to leave the guard, made from the engine's own lists: what a new version of the engine brings is tried by itself. */
import { readFileSync } from "node:fs";
import type { Engine } from "../../../src/engine/engine.ts";
import type { GuardWorld } from "./world.ts";

/** Puts the places of the world into a text. */
export function placed(text: string, { canary, precious, url, dir }: GuardWorld): string {
  return text
    .replaceAll("FILE", canary)
    .replaceAll("PRECIOUS", precious)
    .replaceAll("URL", url)
    .replaceAll("DIR", dir);
}

/** Attempts written by hand, one a line. */
export function writtenAttempts(world: GuardWorld): string[] {
  const lines = readFileSync(new URL("statements.sql", import.meta.url), "utf8").split("\n");
  return lines
    .filter((line) => line !== "" && !line.startsWith("--"))
    .map((line) =>
      placed(keepInfile(line), world).replaceAll("<infile>", "INFILE").replaceAll("<outfile>", "OUTFILE"),
    );
}

/** INFILE, OUTFILE, PROFILES and the engine File hold the word of a place. */
function keepInfile(line: string): string {
  return line
    .replaceAll("INFILE", "<infile>")
    .replaceAll("OUTFILE", "<outfile>")
    .replaceAll("PROFILES", "profiles")
    .replaceAll("FILE(path", "file(path")
    .replace("FROM FILE(", "FROM File(")
    .replaceAll("FILESYSTEM", "filesystem")
    .replace("DIRECTORY", "directory");
}

const quoted = (name: string): string => `\`${name}\``;

async function names(engine: Engine, sql: string): Promise<string[]> {
  return (await engine.rows<{ name: string }>(sql)).map(({ name }) => name);
}

/** Each function that the engine has, called and handed over by its bare name. */
export async function functionAttempts({ engine, canary }: GuardWorld): Promise<string[]> {
  const all = await names(engine, "SELECT DISTINCT name FROM system.functions ORDER BY name");
  return all.flatMap((name) => [
    `SELECT ${quoted(name)}('${canary}')`,
    `SELECT arrayMap(${quoted(name)}, ['${canary}'])`,
  ]);
}

/** Functions inside the text of a structure: never allowed, harmless or not. */
export async function structureAttempts({ engine, canary }: GuardWorld): Promise<string[]> {
  const all = await names(
    engine,
    "SELECT DISTINCT name FROM system.functions ORDER BY cityHash64(name) LIMIT 100",
  );
  return all.map((name) => `SELECT b FROM values('a UInt8, b ALIAS ${quoted(name)}(''${canary}'')', 1)`);
}

/** Table functions that the test knows to be harmless with any argument. */
const HARMLESS = new Set(
  "numbers numbers_mt zeros zeros_mt primes values null view generate_series generateSeries format SQLStandardValues".split(
    " ",
  ),
);

export async function tableFunctionAttempts({ engine, canary, url }: GuardWorld): Promise<string[]> {
  const all = await names(engine, "SELECT name FROM system.table_functions ORDER BY name");
  return all
    .filter((name) => !HARMLESS.has(name))
    .flatMap((name) => [
      `SELECT * FROM ${quoted(name)}('${canary}', 'LineAsString')`,
      `SELECT * FROM ${quoted(name)}('${url}', 'LineAsString')`,
      `SELECT (SELECT count() FROM ${name}('${canary}'))`,
      `SELECT 1 IN (SELECT * FROM ${name}('${url}/x.csv', 'CSV', 'a UInt8'))`,
      `DESCRIBE TABLE ${name}('${canary}')`,
      `WITH t AS (SELECT * FROM ${name}('${canary}', 'LineAsString', 'a String')) SELECT * FROM t`,
    ]);
}

/** Each setting with a path: none may have one. */
export async function settingAttempts({ engine, precious }: GuardWorld): Promise<string[]> {
  const all = await names(engine, "SELECT name FROM system.settings ORDER BY name");
  return all.map((name, i) => {
    if (i % 4 === 0) return `SELECT 1 SETTINGS ${quoted(name)} = '${precious}'`;
    if (i % 4 === 1) return `SELECT 1 FORMAT CSV SETTINGS final, ${name} = '${precious}'`;
    if (i % 4 === 2) return `SELECT (SELECT 1 SETTINGS max_threads = 1, ${name} = '${precious}')`;
    return `SELECT 1 SETTINGS ${name} = DEFAULT`;
  });
}

/** Formats that the test knows to need no file and no service. */
const PLAIN_FORMAT =
  /^(TabSeparated|TSV|TSKV|CSV|CustomSeparated|JSON|NDJSON|Pretty|Vertical$|Markdown$|MD$|Values$|XML$|SQLInsert$|Parquet$|Arrow|ORC$|Avro$|Native$|RowBinary|BSONEachRow$|MsgPack$|Npy$|Null$|LineAsString|Raw|Hash$)/;

export async function formatAttempts({ engine, precious }: GuardWorld): Promise<string[]> {
  const all = await names(engine, "SELECT name FROM system.formats ORDER BY name");
  const others = all.filter((name) => !PLAIN_FORMAT.test(name));
  return [
    ...others.flatMap((name) => [
      `SELECT 1 AS a FORMAT ${name}`,
      `SELECT 1 AS a FORMAT ${name} SETTINGS max_threads = 1`,
    ]),
    ...all.map((name) => `SELECT 1 AS a FORMAT ${name} SETTINGS output_format_schema = '${precious}'`),
    ...all
      .filter((name) => !/^(JSON|CSV|TSV|TabS|TSKV|LineAs|NDJSON)/.test(name))
      .map((name) => `SELECT * FROM format(${name}, 'a String', '(1)')`),
  ];
}

/** Tables of the engine that the test knows to be harmless. */
const HARMLESS_TABLES = new Set(
  "one numbers numbers_mt zeros zeros_mt databases tables columns functions table_functions formats data_type_families time_zones contributors".split(
    " ",
  ),
);

export async function systemTableAttempts({ engine }: GuardWorld): Promise<string[]> {
  const all = await names(
    engine,
    "SELECT concat(database, '.', name) AS name FROM system.tables WHERE lower(database) IN ('system', 'information_schema')",
  );
  return all
    .filter((name) => !HARMLESS_TABLES.has(name.replace("system.", "")))
    .flatMap((name) => [
      `SELECT * FROM ${name}`,
      `SELECT 1 IN ${name}`,
      `DESCRIBE TABLE ${name}`,
      `SHOW CREATE TABLE ${name}`,
    ]);
}

export async function engineAttempts({ engine, precious }: GuardWorld): Promise<string[]> {
  const tables = await names(engine, "SELECT name FROM system.table_engines ORDER BY name");
  const databases = await names(engine, "SELECT name FROM system.database_engines ORDER BY name");
  return [
    ...tables.map((name) => `CREATE TEMPORARY TABLE t (a UInt8) ENGINE = ${name}('${precious}')`),
    ...databases.map((name) => `CREATE DATABASE x ENGINE = ${name}('${precious}')`),
  ];
}

/** All that must be refused, whatever it is. Functions are another matter: most of them are allowed. */
export async function attempts(world: GuardWorld): Promise<string[]> {
  const made = [
    structureAttempts,
    tableFunctionAttempts,
    settingAttempts,
    formatAttempts,
    systemTableAttempts,
    engineAttempts,
  ];
  const lists = await Promise.all(made.map((make) => make(world)));
  return [...writtenAttempts(world), ...lists.flat()];
}
