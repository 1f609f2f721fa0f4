/** Writes an extract's rows aside: the engine reads while the source pushes; when either breaks, nothing is kept. */
import { ident, text } from "../../engine/sql.ts";
import type { DataFile, Snapshot, StagedFiles } from "../../lake/lake.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { bronzeColumns, missingColumns, type StagedExtract, type Taking } from "./extract.ts";

export async function stageExtract(taking: Taking, base: Snapshot | undefined): Promise<StagedExtract> {
  const { write } = taking.extract;
  const replaced =
    write.mode === "replace_files" && base !== undefined ? await filesHolding(taking, base, write.files) : [];
  const kept = replaced.length === 0 || base === undefined ? undefined : keptRows(taking, base, replaced);
  const { files, pushed } = await readWhilePushing(
    taking,
    [freshRows(taking, base), ...(kept === undefined ? [] : [kept.select])].join("\nUNION ALL\n"),
  );
  const fresh = files.rows - (kept === undefined ? 0 : await countRows(taking, kept.from));
  return { files, fresh, read: pushed ?? taking.extract.rows ?? fresh, replaced };
}

async function readWhilePushing(
  { task, lakeTable, extract, taskId }: Taking,
  select: string,
): Promise<{ readonly files: StagedFiles; readonly pushed: number | undefined }> {
  const stop = new AbortController();
  const signal = AbortSignal.any([task.signal, stop.signal]);
  const stopping = (error: unknown): never => {
    stop.abort();
    throw error;
  };
  const [pushed, read] = await Promise.allSettled([
    Promise.resolve(extract.pump?.(signal)).catch(stopping),
    lakeTable
      .stage({ select, columns: bronzeColumns(extract), taskId, settings: extract.settings ?? {}, signal })
      .catch(stopping),
  ]);
  if (pushed.status === "fulfilled" && read.status === "fulfilled")
    return { files: read.value, pushed: pushed.value };
  if (read.status === "fulfilled") await lakeTable.discard(read.value);
  throw rootCause(pushed, read);
}

/** When the source breaks, the engine only sees a pipe that ended. */
function rootCause(pushed: PromiseSettledResult<unknown>, read: PromiseSettledResult<unknown>): unknown {
  const [fromSource, fromEngine] = [pushed, read].map((result) =>
    result.status === "rejected" ? (result.reason as unknown) : undefined,
  );
  if (fromSource instanceof ShoplakeError && fromSource.code === "source") return fromSource;
  return fromEngine ?? fromSource;
}

function freshRows(taking: Taking, base: Snapshot | undefined): string {
  const { task, lakeTable, extract, sourceName } = taking;
  const names = extract.columns.map((column) => column.name);
  const now = task.host.clock().toISOString().replace("T", " ").replace("Z", "");
  const values: Readonly<Record<string, string>> = {
    _ingested_at: `toDateTime64(${text(now)}, 6, 'UTC')`,
    _run_id: text(task.runId),
    _source: text(sourceName),
  };
  const marks = missingColumns(extract).map(({ name }) => `${values[name]} AS ${ident(name)}`);
  const rows = `SELECT ${[...names.map(ident), ...marks].join(", ")} FROM ${extract.from}`;
  if (extract.write.mode !== "append_new" || base === undefined) return rows;
  const old = new Set(base.columns.map((column) => column.name));
  const compared = names.filter((name) => !name.startsWith("_") || name === "_deleted");
  const known = `SELECT ${contentHash(compared.map((name) => (old.has(name) ? ident(name) : "NULL")))} FROM ${lakeTable.read(base)} WHERE ${extract.write.where}`;
  return `${rows} WHERE ${contentHash(compared.map(ident))} NOT IN (${known})`;
}

/** 128 bits over the values as text: equal rows, NULLs included, have equal hashes. */
export function contentHash(values: readonly string[]): string {
  return `sipHash128(toString(tuple(${values.join(", ")})))`;
}

/** Data files of the table with at least one row from these source files. */
async function filesHolding(
  taking: Taking,
  base: Snapshot,
  sourceFiles: readonly string[],
): Promise<readonly DataFile[]> {
  const held: DataFile[] = [];
  for (const file of base.files) {
    const from = taking.lakeTable.read(base, { files: [file], columns: ["_file"] });
    const rows = await taking.task.host.engine.rows(
      `SELECT 1 FROM ${from} WHERE ${isFrom(sourceFiles)} LIMIT 1`,
    );
    if (rows.length > 0) held.push(file);
  }
  return held;
}

/** The rows of replaced data files that came from other source files. */
function keptRows(
  taking: Taking,
  base: Snapshot,
  replaced: readonly DataFile[],
): { readonly select: string; readonly from: string } {
  const { extract, lakeTable } = taking;
  const old = new Set(base.columns.map((column) => column.name));
  const columns = bronzeColumns(extract).map(({ name }) =>
    old.has(name) ? ident(name) : `NULL AS ${ident(name)}`,
  );
  const sourceFiles = extract.write.mode === "replace_files" ? extract.write.files : [];
  const from = `${lakeTable.read(base, { files: replaced })} WHERE NOT (${isFrom(sourceFiles)})`;
  return { select: `SELECT ${columns.join(", ")} FROM ${from}`, from };
}

function isFrom(sourceFiles: readonly string[]): string {
  return `${ident("_file")} IN (${sourceFiles.map(text).join(", ")})`;
}

async function countRows({ task }: Taking, from: string): Promise<number> {
  const [row] = await task.host.engine.rows<{ n: string }>(`SELECT count() AS n FROM ${from}`);
  return Number(row?.n ?? 0);
}
