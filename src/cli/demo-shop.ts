/** The demo's shop: a PostgreSQL of its own, filled once. */
import { join } from "node:path";
import { startPostgres } from "../generator/demo-postgres.ts";

export interface DemoShop {
  /** postgres://... with the password that was drawn for it. */
  readonly url: string;
  /** "2,000 customers, 5,000 orders". */
  readonly summary: string;
  stop(): Promise<void>;
}

export interface DemoShopOptions {
  readonly seed: number;
  /** Default: the generator's. */
  readonly orders: number | undefined;
  readonly signal: AbortSignal;
}

/** Starts the server with its data under the project's state folder; loads the shop when it is empty. */
export async function startDemoShop(dir: string, _options: DemoShopOptions): Promise<DemoShop> {
  const server = await startPostgres({ dataDir: join(dir, ".shoplake", "demo-postgres") });
  return { url: server.url, summary: "", stop: () => server.stop() };
}
