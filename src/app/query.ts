/** One SELECT: free SQL, or a query of the project by its name, with its parameters. */
import { readOnlyStatement } from "../engine/guard/readonly.ts";
import type { OpenedHost } from "../host/host.ts";
import { projectError } from "../project/load.ts";
import { queryDefaults } from "../project/parameters.ts";
import type { NamedQuery } from "../project/project.ts";
import { messageOf, ShoplakeError } from "../util/errors.ts";
import { named } from "../util/named.ts";
import { nearest } from "../util/nearest.ts";
import type { RowsRequest } from "./rows.ts";

/** What somebody asks for. */
export interface QueryRequest {
  /** SQL, or the name of a query such as kpi/revenue. */
  readonly given: string;
  /** Values of parameters by name, as text. */
  readonly params: Readonly<Record<string, string>>;
  /** The moment of the query: `today` is its day in the project's timezone. */
  readonly now: Date;
  /** Stops the query. */
  readonly signal: AbortSignal;
}

/** A query that was found fit to run. */
export interface PreparedQuery extends RowsRequest {
  /** The format that the statement itself asks for; undefined: none. */
  readonly format: string | undefined;
}

/**
 * The statement, checked: one SELECT that reads published data only. Throws `usage` for unknown names, missing and unfit
 * parameters, `config` for a query whose own file has problems, `engine` or `model` for SQL that is refused.
 */
export async function prepareQuery(host: OpenedHost, request: QueryRequest): Promise<PreparedQuery> {
  const { sql, params } = statementOf(host, request);
  const checked = await readOnlyStatement(host.engine, sql, { params }).catch((error: unknown) => {
    throw unfitValue(error, params) ?? error;
  });
  const options = { params, settings: checked.settings, signal: request.signal };
  return { sql: checked.sql, options, format: checked.format };
}

type Statement = Pick<NamedQuery, "sql"> & Pick<QueryRequest, "params">;

/** A name has no blank; everything else is SQL. */
function statementOf(host: OpenedHost, { given, params, now }: QueryRequest): Statement {
  const text = given.replace(/[\s;]+$/, "");
  if (/[\s(]/.test(text.trim())) return { sql: text, params };
  const query = queryNamed(host, text.trim());
  return { sql: query.sql, params: parameterValues(query, params, queryDefaults(query, host.config, now)) };
}

/** The query of the project. Problems of other files do not matter. */
function queryNamed(host: OpenedHost, name: string): NamedQuery {
  const { project, problems } = host.files();
  const own = problems.filter(({ file }) => file === `queries/${name}.sql`);
  if (own.length > 0) throw projectError(own);
  return named("query", name, new Map(project?.queries.map((query) => [query.name, query])));
}

/** For what the engine says of a value that its parameter's type cannot hold; undefined for other errors. */
function unfitValue(error: unknown, params: Statement["params"]): ShoplakeError | undefined {
  const [, type, name = ""] = /parsed as (.+) for query parameter '(\w+)'/.exec(messageOf(error)) ?? [];
  if (type === undefined) return undefined;
  return new ShoplakeError("usage", `the parameter ${name} is "${params[name]}"`, {
    allowed: `a value of the type ${type}`,
    cause: error,
  });
}

/** Given values over defaults. Unknown and missing ones are reported together. */
function parameterValues(
  query: NamedQuery,
  given: Statement["params"],
  defaults: Readonly<Record<string, string | undefined>>,
): Statement["params"] {
  const known = Object.keys(query.parameters);
  const unknown = Object.keys(given).filter((name) => !known.includes(name));
  const missing = known.filter((name) => given[name] === undefined && defaults[name] === undefined);
  const problems = [
    ...unknown.map((name) => {
      const close = nearest(name, known);
      const message = `the query has no parameter "${name}"`;
      return close === undefined ? { message } : { message, hint: `did you mean ${close}?` };
    }),
    ...missing.map((name) => ({
      message: `the parameter ${name} has no value`,
      hint: `add --param ${name}=<${query.parameters[name]?.type}>`,
    })),
  ];
  if (problems.length > 0)
    throw new ShoplakeError("usage", `parameters of the query ${query.name} are wrong`, {
      where: query.file,
      allowed: known.map((name) => `${name} (${query.parameters[name]?.type})`).join(", ") || "no parameters",
      problems,
    });
  return Object.fromEntries(known.map((name) => [name, given[name] ?? defaults[name] ?? ""]));
}
