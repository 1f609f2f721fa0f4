import { ShoplakeError } from "../../util/errors.ts";
import type { ShopTarget } from "../target.ts";
import { shopInFolder } from "./folder.ts";
import type { FileFormat } from "./formats.ts";
import { bringFilesOn, writeFiles } from "./write.ts";

/** `format`: that of a shop that is there must be the same; default csv for a new one. */
export function fileTarget(dir: string, format?: FileFormat): ShopTarget {
  return {
    where: dir,
    async record() {
      const shop = await shopInFolder(dir);
      if (shop === undefined || format === undefined || shop.format === format) return shop?.record;
      throw new ShoplakeError("usage", `the shop that is there is written as ${shop.format}, not ${format}`, {
        where: dir,
      });
    },
    load: (plan, options) => writeFiles(dir, plan, { ...options, format: format ?? "csv" }),
    bringOn: (until, options) => bringFilesOn(dir, until, options),
  };
}
