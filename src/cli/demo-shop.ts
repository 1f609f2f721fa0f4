/** A synthetic shop in PostgreSQL: in a server of its own for the demo, or wherever a URL says. */
import { join } from "node:path";
import { startPostgres } from "../generator/demo-postgres.ts";
import { expectedRows } from "../generator/expected.ts";
import { loadPostgres, shopInPostgres } from "../generator/postgres/load.ts";
import { requireSame } from "../generator/record.ts";
import { postgresPlace } from "../util/postgres.ts";
import type { CliContext } from "./context.ts";
import { showLoad } from "./load-progress.ts";
import type { ShopChoice } from "./shop-size.ts";
import { counted } from "./style.ts";

export interface DemoShop {
  /** postgres://... with the password that was drawn for it. */
  readonly url: string;
  /** "loaded 1,000 customers, 500 products, ...", or that there is a shop already. */
  readonly summary: string;
  stop(): Promise<void>;
}

/** Starts a server with its data under the project's state folder, and loads the shop when it holds none. */
export async function startDemoShop(context: CliContext, dir: string, choice: ShopChoice): Promise<DemoShop> {
  const server = await startPostgres({ dataDir: join(dir, ".shoplake", "demo-postgres") });
  try {
    const { summary } = await fillShop(context, server.url, choice);
    return { url: server.url, summary, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

export interface Filled {
  readonly summary: string;
  /** Rows per table that were written; none when the shop was there. */
  readonly rows: Readonly<Record<string, number>>;
  /** The last day. */
  readonly through: string;
}

/** Loads a shop into an empty database. One that is there is left as it is; when it is not the one that is wanted, that is an error. */
export async function fillShop(context: CliContext, url: string, choice: ShopChoice): Promise<Filled> {
  const there = await shopInPostgres(url);
  if (there !== undefined) {
    requireSame(there, choice.wanted, postgresPlace(url));
    return { summary: `the shop is there already, through ${there.until}`, rows: {}, through: there.until };
  }
  const view = showLoad(context, expectedRows(choice.plan));
  try {
    const { rows } = await loadPostgres(url, choice.plan, {
      signal: context.signal,
      onProgress: view.onProgress,
    });
    return {
      summary: `loaded ${listed(rows)}, through ${choice.plan.until}`,
      rows,
      through: choice.plan.until,
    };
  } finally {
    view.close();
  }
}

/** "1,000 customers, 500 products, ..." */
export function listed(rows: Readonly<Record<string, number>>): string {
  return Object.entries(rows)
    .map(([table, count]) => counted(count, table.replaceAll("_", " ").replace(/s$/, "")))
    .join(", ");
}
