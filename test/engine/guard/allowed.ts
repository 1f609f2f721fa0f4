/** Statements from outside that must pass, and give the rows that they give without the guard. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Params } from "../../../src/engine/introspect.ts";
import { loadKinds } from "../../../src/host/kinds.ts";
import { readProject } from "../../../src/project/load.ts";
import { queryDefaults } from "../../../src/project/parameters.ts";

export interface Allowed {
  readonly sql: string;
  readonly params?: Params;
}

const now = new Date("2026-02-15T12:00:00Z");

/** All queries of the commerce template, with their parameters. */
export async function templateQueries(): Promise<Allowed[]> {
  const dir = fileURLToPath(new URL("../../../templates/commerce", import.meta.url));
  const { project } = await readProject(dir, {
    env: { SHOP_DATABASE_URL: "postgres://shop@127.0.0.1/shop" },
    kinds: await loadKinds(),
  });
  if (project === undefined) throw new Error("the commerce template cannot be read");
  return project.queries.map((query) => {
    const defaults = queryDefaults(query, project, now);
    const params = Object.entries(defaults).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]],
    );
    return { sql: query.sql, params: Object.fromEntries(params) };
  });
}

/** One statement a line, written by hand. */
export function writtenStatements(): Allowed[] {
  const text = readFileSync(new URL("allowed.sql", import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("--"));
  return lines.map((sql) => ({ sql, params: { day: "2026-01-05", n: "3", names: ["a", "b"], tz: "UTC" } }));
}
