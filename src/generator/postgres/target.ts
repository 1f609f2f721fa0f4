import { postgresPlace } from "../../util/postgres.ts";
import type { ShopTarget } from "../target.ts";
import { bringPostgresOn } from "./bring-on.ts";
import { loadPostgres, shopInPostgres } from "./load.ts";

/** `url`: postgres://user:password@host:port/database */
export function postgresTarget(url: string): ShopTarget {
  return {
    where: postgresPlace(url),
    record: () => shopInPostgres(url),
    load: (plan, options) => loadPostgres(url, plan, options),
    bringOn: (until, options) => bringPostgresOn(url, until, options),
  };
}
