/** Writes an extract's rows aside: the engine reads while the source pushes; when either breaks, nothing is kept. */
import { ident, text } from "../../engine/sql.ts";
import type { DataFile, StagedFiles } from "../../lake/lake.ts";
import { isPlatformColumn } from "../../sources/reserved-names.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { contentHash, contentOf } from "./content.ts";
import { bronzeColumns, missingColumns, type PlacedExtract, type StagedExtract } from "./extract.ts";

/** Writes the rows of an extract aside. When it throws, nothing of them is left. */
export async function stageExtract(at: PlacedExtract): Promise<StagedExtract> {
  const { write, rows } = at.extract;
  const replaced = write.mode === "replace_files" ? await filesHolding(at, write.files) : [];
  const kept = replaced.length === 0 ? undefined : keptRows(at, replaced);
  const { files, pushed } = await readWhilePushing(
    at,
    [freshRows(at), ...(kept === undefined ? [] : [kept.select])].join("\nUNION ALL\n"),
  );
  try {
    const fresh = files.rows - (kept === undefined ? 0 : await countRows(at, kept.from));
    const content = write.mode === "overwrite" ? await contentOf(at, files) : undefined;
    return { files, fresh, read: pushed ?? rows ?? fresh, replaced, content };
  } catch (error) {
    await at.lakeTable.discard(files).catch(() => undefined);
    throw error;
  }
}

async function readWhilePushing(
  { signal: cancel, lakeTable, extract, taskId }: PlacedExtract,
  select: string,
): Promise<{ readonly files: StagedFiles; readonly pushed: number | undefined }> {
  const stop = new AbortController();
  const signal = AbortSignal.any([cancel, stop.signal]);
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

function freshRows({ host, runId, lakeTable, extract, sourceName, base }: PlacedExtract): string {
  const names = extract.columns.map((column) => column.name);
  const now = host.clock().toISOString().replace("T", " ").replace("Z", "");
  const values: Readonly<Record<string, string>> = {
    _ingested_at: `toDateTime64(${text(now)}, 6, 'UTC')`,
    _run_id: text(runId),
    _source: text(sourceName),
  };
  const marks = missingColumns(extract).map(({ name }) => `${values[name]} AS ${ident(name)}`);
  const rows = `SELECT ${[...names.map(ident), ...marks].join(", ")} FROM ${extract.from}`;
  if (extract.write.mode !== "append_new" || base === undefined) return rows;
  const old = new Set(base.columns.map((column) => column.name));
  const compared = names.filter((name) => !isPlatformColumn(name));
  const known = `SELECT ${contentHash(compared.map((name) => (old.has(name) ? ident(name) : "NULL")))} AS _content FROM ${lakeTable.read(base)} WHERE ${extract.write.where}`;
  const content = contentHash(compared.map(ident));
  if (extract.write.counted !== true) return `${rows} WHERE ${content} NOT IN (${known})`;
  // The nth of equal rows is new when fewer than n of them are known.
  return `SELECT * EXCEPT (_content, _nth, _held) FROM (
    SELECT *, row_number() OVER (PARTITION BY _content) AS _nth FROM (SELECT *, ${content} AS _content FROM (${rows}))
  ) AS fresh LEFT JOIN (SELECT _content, count() AS _held FROM (${known}) GROUP BY _content) AS held USING (_content)
  WHERE _nth > _held`;
}

/** Data files of the table with at least one row from these source files. */
async function filesHolding(
  { base, lakeTable, host, signal }: PlacedExtract,
  sourceFiles: readonly string[],
): Promise<readonly DataFile[]> {
  const held: DataFile[] = [];
  for (const file of base?.files ?? []) {
    const from = base && lakeTable.read(base, { files: [file], columns: ["_file"] });
    const sql = `SELECT 1 FROM ${from} WHERE ${isFrom(sourceFiles)} LIMIT 1`;
    const rows = await host.engine.rows(sql, { signal });
    if (rows.length > 0) held.push(file);
  }
  return held;
}

/** The rows of replaced data files that came from other source files. */
function keptRows(
  { extract, lakeTable, base }: PlacedExtract,
  replaced: readonly DataFile[],
): { readonly select: string; readonly from: string } | undefined {
  if (base === undefined) return undefined;
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

async function countRows({ host, signal }: PlacedExtract, from: string): Promise<number> {
  const [row] = await host.engine.rows<{ n: string }>(`SELECT count() AS n FROM ${from}`, { signal });
  return Number(row?.n ?? 0);
}
