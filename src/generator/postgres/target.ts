import type { ShopTarget } from "../target.ts";
import { bringPostgresOn } from "./bring-on.ts";
import { loadPostgres, placeOf, type ShopDatabase, shopInPostgres } from "./load.ts";

/** The URL is postgres://user:password@host:port/database, with sslmode and the like as for a `postgres` source. */
export function postgresTarget(database: ShopDatabase): ShopTarget {
  return {
    where: placeOf(database),
    record: () => shopInPostgres(database),
    load: (plan, options) => loadPostgres(database, plan, options),
    bringOn: (until, options) => bringPostgresOn(database, until, options),
  };
}
