/** A synthetic shop in a PostgreSQL server of its own. */
import { join } from "node:path";
import type { ShopChoice } from "../../app/shop.ts";
import { startPostgres } from "../../generator/demo-postgres.ts";
import { postgresTarget } from "../../generator/postgres/target.ts";
import type { CliContext } from "../context.ts";
import { fillAndTell } from "../terminal/load.ts";

/** A running server with a shop in it. */
export interface DemoShop {
  /** postgres://... with the password that was drawn for it. */
  readonly url: string;
  /** "loaded 1,000 customers, 500 products, ...", or that there is a shop already. */
  readonly summary: string;
  /** Stops the server; its data stays. */
  stop(): Promise<void>;
}

/**
 * Starts a server with its data in the demo's folder, and loads the shop when it holds none. Not in the state folder: that is closed
 * for the user that PostgreSQL runs as when the demo is run by root.
 */
export async function startDemoShop(context: CliContext, dir: string, choice: ShopChoice): Promise<DemoShop> {
  const server = await startPostgres({ dataDir: join(dir, ".demo-postgres") });
  try {
    const { summary } = await fillAndTell(context, postgresTarget(server.url), choice);
    return { url: server.url, summary, stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
