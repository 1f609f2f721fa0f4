/** A synthetic shop in PostgreSQL: in a server of its own for the demo, or wherever a URL says. */
import { join } from "node:path";
import { startPostgres } from "../generator/demo-postgres.ts";
import { loadShop } from "../generator/load-postgres.ts";
import { generateShop } from "../generator/shop.ts";
import { counted } from "./style.ts";

export interface DemoShop {
  /** postgres://... with the password that was drawn for it. */
  readonly url: string;
  /** "loaded 1,000 customers, 200 products, ...", or that there is a shop already. */
  readonly summary: string;
  stop(): Promise<void>;
}

/** Sizes that are left out are the generator's own. */
export interface ShopSize {
  readonly seed?: number;
  readonly customers?: number;
  readonly products?: number;
  readonly orders?: number;
  readonly months?: number;
}

export interface FillOptions {
  readonly size: ShopSize;
  readonly now: Date;
  readonly signal: AbortSignal;
}

/** Starts a server with its data under the project's state folder, and loads the shop when it holds none. */
export async function startDemoShop(dir: string, options: FillOptions): Promise<DemoShop> {
  const server = await startPostgres({ dataDir: join(dir, ".shoplake", "demo-postgres") });
  try {
    return { url: server.url, summary: await fillShop(server.url, options), stop: () => server.stop() };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** Loads a shop into an empty database; says what was loaded. History ends with the last full day (UTC). */
export async function fillShop(url: string, { size, now, signal }: FillOptions): Promise<string> {
  const until = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()));
  const shop = generateShop({ ...size, until });
  const rows = await loadShop(url, shop, signal);
  if (rows === undefined) return "the database holds a shop already";
  const tables = Object.entries(rows).map(([table, count]) =>
    counted(count, table.replaceAll("_", " ").replace(/s$/, "")),
  );
  const bad = Object.values(shop.faults).reduce((sum, count) => sum + count, 0);
  return `loaded ${tables.join(", ")}; ${counted(bad, "row")} bad on purpose`;
}
