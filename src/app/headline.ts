/**
 * The headline numbers of a project: its queries with the tag `headline`, or all in queries/kpi/ when none has it. Those that
 * cannot run on their defaults are left out.
 */
import type { Engine } from "../engine/engine.ts";
import { queryDefaults } from "../project/parameters.ts";
import type { NamedQuery, Project } from "../project/project.ts";

/** The result of one headline query. */
export interface HeadlineResult {
  /** "kpi/revenue" */
  readonly query: string;
  /** At least one; values by column, money with all its digits. */
  readonly rows: readonly Readonly<Record<string, unknown>>[];
}

/** Runs all of them, in the order of their names. One that fails or gives no row is left out: the run was good all the same. */
export async function headlineOf(
  engine: Engine,
  project: Project,
  now: Date,
): Promise<readonly HeadlineResult[]> {
  const results: HeadlineResult[] = [];
  for (const query of headlineQueries(project.queries)) {
    const params = queryDefaults(query, project, now);
    if (!isComplete(params)) continue;
    const settings = { output_format_decimal_trailing_zeros: 1 };
    const rows = await engine
      .rows<Readonly<Record<string, unknown>>>(query.sql, { params, settings })
      .catch(() => []);
    if (rows.length > 0) results.push({ query: query.name, rows });
  }
  return results;
}

function headlineQueries(queries: readonly NamedQuery[]): readonly NamedQuery[] {
  const tagged = queries.filter(({ tags }) => tags.includes("headline"));
  return tagged.length > 0 ? tagged : queries.filter(({ name }) => name.startsWith("kpi/"));
}

function isComplete(
  params: Readonly<Record<string, string | undefined>>,
): params is Readonly<Record<string, string>> {
  return Object.values(params).every((value) => value !== undefined);
}
