/** Options that are well-formed and cannot be done. */
import { ShoplakeError } from "../../util/errors.ts";
import type { FilesTableConfig } from "./options.ts";

/** Refuses what the engine's reader cannot do, before any file is opened. */
export function refuseUnsupported(source: string, config: FilesTableConfig): void {
  const { delimiter, quote, format } = config;
  if (format !== "csv" && format !== "tsv") return;
  const where = `sources.${source}`;
  if (!/^[\t !#-&(-/:-@[-`{-~]$/.test(delimiter))
    throw new ShoplakeError("config", `The delimiter ${JSON.stringify(delimiter)} cannot be used.`, {
      where: `${where}.delimiter`,
      allowed: "a tab, a blank, or one ASCII punctuation character other than a quote",
    });
  if (quote !== '"' && quote !== "'")
    throw new ShoplakeError("config", `The quote ${JSON.stringify(quote)} cannot be used.`, {
      where: `${where}.quote`,
      allowed: `" or '`,
    });
}
