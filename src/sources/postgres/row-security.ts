/** Row-level security: a reader that may not see all rows would take the hidden ones for deleted. */
import type pg from "pg";
import { messageOf, ShoplakeError } from "../../util/errors.ts";
import { pgIdent, pgText, postgresError } from "../../util/postgres.ts";
import type { SourceContext } from "../source.ts";
import type { ResolvedTable } from "./tables/table.ts";

/**
 * Where rows that are missing count as deleted, the server is told to refuse what it would filter: `source` when it does. Else a
 * filtered table is a warning. In the transaction that `client` has open.
 */
export async function refuseHiddenRows(
  client: pg.Client,
  table: ResolvedTable,
  { warn }: SourceContext,
): Promise<void> {
  const name = `${pgIdent(table.schema)}.${pgIdent(table.from)}`;
  if (table.options.detectDeletes || table.options.cursor === undefined) {
    await client.query("SET LOCAL row_security = off");
    await client.query(`SELECT 1 FROM ${name} LIMIT 0`).catch((error: unknown) => {
      throw isFiltered(error) ? hidden(table, error) : postgresError(error, "source", table.where);
    });
    return;
  }
  const { rows } = await client.query<{ active: boolean }>(
    `SELECT row_security_active(to_regclass(${pgText(name)})) AS active`,
  );
  if (rows[0]?.active === true)
    warn(`${table.where}: row-level security may hide rows from this user; only what it may see is read.`);
}

/** "query would be affected by row-level security policy"; the code alone also says that a right is missing. */
function isFiltered(error: unknown): boolean {
  return (
    error instanceof Error &&
    "code" in error &&
    error.code === "42501" &&
    /row-level security/.test(messageOf(error))
  );
}

function hidden(table: ResolvedTable, cause: unknown): ShoplakeError {
  return new ShoplakeError(
    "source",
    "Row-level security hides rows of this table from the user of the URL.",
    {
      where: table.where,
      allowed: "a user that sees all rows: hidden ones would count as deleted",
      hint: `Let it see them: ALTER ROLE ... BYPASSRLS. To read a part on purpose, read a view that belongs to a user who sees all rows${table.options.detectDeletes ? ", or leave detectDeletes out" : ", or give a cursor without detectDeletes"}.`,
      cause,
    },
  );
}
