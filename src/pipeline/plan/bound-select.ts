/** A model's SELECT over fixed versions of its inputs. */
import { rewriteTables } from "../../engine/rewrite.ts";
import type { Model } from "../../project/project.ts";
import type { Reading } from "../context.ts";

/** A dataset at one version. */
export interface BoundSource {
  /** Name that the model's text uses. */
  readonly dataset: string;
  /** Table expression that reads that version. */
  readonly from: string;
}

/** The model's text with every dataset replaced by a view that is pinned to `from`. Gold tables are read under their own name. */
export async function boundSelect(
  task: Reading,
  model: Model,
  sources: readonly BoundSource[],
): Promise<string> {
  const names: Record<string, string> = {};
  for (const source of sources) {
    if (source.dataset.startsWith("gold.")) continue;
    names[source.dataset] = await task.pins.pin(source.dataset, source.from);
  }
  return rewriteTables(model.sql, names);
}
