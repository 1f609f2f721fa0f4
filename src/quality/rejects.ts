/** From guarded rows to the rows of the quarantine. */
import { text } from "../engine/sql.ts";
import { nullSafeKey } from "./dedupe.ts";
import { isDeduplicated, type RowModel } from "./rules.ts";

/** What the quarantine needs to know of a model. */
export type RejectModel = Pick<RowModel, "schema" | "key" | "newestBy">;

/** A SELECT of the columns of a model's schema, `_reject`, `_reject_reason`, `_raw`. */
export interface GuardedRows {
  /** Without a semicolon at its end. */
  readonly select: string;
  /** True when no two of the rows have the same key, so that none has a better version. Default: not known. */
  readonly alone?: boolean;
}

/** SELECT of rule, dimension, reason, raw, source_ref, key for every guarded row that breaks a rule. */
export function rejectRows({ select: guarded, alone = false }: GuardedRows, model: RejectModel): string {
  const single = alone || !isDeduplicated(model);
  const reason = single ? "_reject_reason" : `concat(_reject_reason, ${otherVersion(guarded, model)})`;
  return [
    `SELECT _reject AS rule, 'validity' AS dimension, ${reason} AS reason,`,
    `  _raw AS raw, ${sourceRef(model)} AS source_ref, ${keyText(model.key)} AS key`,
    `FROM (${guarded}) WHERE _reject != ''`,
  ].join("\n");
}

/** A sentence for rejects whose key is published by another, good version of the row. */
function otherVersion(guarded: string, model: RejectModel): string {
  const key = nullSafeKey(model.key, model.schema);
  const rejected = `SELECT ${key} FROM (${guarded}) WHERE _reject != ''`;
  const good = `SELECT ${key} FROM (${guarded}) WHERE _reject = '' AND ${key} IN (${rejected})`;
  const badKeys = model.key.map((name) => text(`invalid_${name}`)).join(", ");
  return `if(_reject NOT IN (${badKeys}) AND ${key} IN (${good}), '; another version with this key is good', '')`;
}

/** Where a row came from, for a person: `file:row` when it carries them, else its key. */
function sourceRef(model: RejectModel): string {
  const has = (name: string) => model.schema.some((column) => column.name === name);
  if (has("_file") && has("_row"))
    return "concat(ifNull(toString(_file), ''), ':', ifNull(toString(_row), ''))";
  return keyText(model.key);
}

/** The key as it was given: "order_id=17, line=2"; '' without a key. */
function keyText(key: readonly string[]): string {
  const parts = key.map(
    (name) =>
      `concat(${text(`${name}=`)}, ifNull(JSONExtract(_raw, ${text(name)}, 'Nullable(String)'), 'NULL'))`,
  );
  return parts.length === 0 ? "''" : `arrayStringConcat([${parts.join(", ")}], ', ')`;
}
