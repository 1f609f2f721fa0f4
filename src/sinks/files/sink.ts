/** Files as targets: one file per dataset, replaced whole in one atomic step. */
import { access, constants, mkdir, open, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { idents } from "../../engine/sql.ts";
import { messageOf, ShoplakeError } from "../../util/errors.ts";
import { type Reached, unreachable } from "../../util/reached.ts";
import type { ProbeContext, Sink, SinkContext, SinkInput, SinkResult } from "../sink.ts";
import { holds, noteFor, type TargetFile } from "./note.ts";
import { type FilesSinkConfig, fileOf } from "./options.ts";

const formats = { csv: "CSVWithNames", jsonl: "JSONEachRow", parquet: "Parquet" } as const;

/** NULL is an empty field in CSV; text is always quoted there, so an empty text is `""`. */
const settings = {
  format_csv_null_representation: "",
  output_format_csv_crlf_end_of_line: 0,
  output_format_json_quote_denormals: 1,
  output_format_json_named_tuples_as_objects: 1,
  date_time_output_format: "simple",
};

/**
 * Writes `<directory>/<dataset>.<format>`. Beside it is `.<name>.version`, written after the file: it says which version
 * the file with that size and modification time holds. A writer that dies between the two leaves a file that no note
 * describes, so the next call writes it again; a file that somebody changed is written again, too.
 */
export function filesSink(_name: string, config: FilesOptions): Sink {
  return {
    kind: "files",
    probe: (context) => reach(config, context),
    write: (input, context) => writeVersion(config, input, context),
    close: async () => {},
  };
}

type FilesOptions = Pick<FilesSinkConfig, "directory" | "format">;

async function reach({ directory }: FilesOptions, { projectDir }: ProbeContext): Promise<Reached> {
  const folder = resolve(projectDir, directory);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    return { notes: [`${folder} is writable`] };
  } catch (error) {
    throw unreachable(
      new ShoplakeError("sink", `Cannot write into ${folder}: ${messageOf(error)}`, {
        where: folder,
        hint: "Check the sink's `directory` and its permissions.",
        cause: error,
      }),
      "sink",
    );
  }
}

async function writeVersion(
  { directory, format }: FilesOptions,
  input: SinkInput,
  context: SinkContext,
): Promise<SinkResult> {
  const folder = resolve(context.projectDir, directory);
  const name = fileOf({ format }, input.dataset);
  const target = { folder, name, path: join(folder, name), note: join(folder, `.${name}.version`) };
  if (input.reload !== true && (await holds(target, input)))
    return { inserted: 0, updated: 0, deleted: 0, unchanged: true };
  const [row] = await context.engine.rows<{ n: string }>(`SELECT count() AS n FROM ${input.from}`);
  await replaceFile(target, input, { format, context });
  return { inserted: Number(row?.n ?? 0), updated: 0, deleted: 0, unchanged: false };
}

async function replaceFile(
  target: TargetFile,
  input: SinkInput,
  { format, context }: { readonly format: FilesOptions["format"]; readonly context: SinkContext },
): Promise<void> {
  const temporary = join(target.folder, `.${target.name}.${crypto.randomUUID()}.tmp`);
  try {
    await mkdir(target.folder, { recursive: true });
    await writeDurably(temporary, input, { format, context });
    await removeLeftovers(target, temporary);
    await rename(temporary, target.path);
    await syncFolder(target.folder);
    const note = await noteFor(target, input);
    await writeFile(temporary, note ?? "");
    await rename(temporary, target.note);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {});
    if (error instanceof ShoplakeError || context.signal.aborted) throw error;
    throw new ShoplakeError("sink", `Cannot write ${target.path}: ${messageOf(error)}`, {
      where: input.dataset,
      hint: "Check the sink's `directory`, its permissions and the free space; the file that was there is untouched.",
      cause: error,
    });
  }
}

/** Rows in the order of the key, so that two versions can be compared line by line. */
async function writeDurably(
  path: string,
  { from, columns, key }: SinkInput,
  { format, context }: { readonly format: FilesOptions["format"]; readonly context: SinkContext },
): Promise<void> {
  const names = columns.length === 0 ? "*" : idents(columns.map((column) => column.name));
  const order = key.length === 0 ? "" : ` ORDER BY ${idents(key)}`;
  const file = await open(path, "wx");
  try {
    const rows = await context.engine.download(`SELECT ${names} FROM ${from}${order}`, formats[format], {
      settings,
      signal: context.signal,
    });
    await writeFile(file, rows, { signal: context.signal });
    await file.sync();
  } finally {
    await file.close();
  }
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

const leftoverMs = 3_600_000;

/** Temporary files of writers that died: those that are an hour older than ours. */
async function removeLeftovers({ folder, name }: TargetFile, ours: string): Promise<void> {
  const { mtimeMs } = await stat(ours);
  for (const entry of await readdir(folder)) {
    if (!entry.startsWith(`.${name}.`) || !entry.endsWith(".tmp")) continue;
    const path = join(folder, entry);
    const age = mtimeMs - ((await stat(path).catch(() => undefined))?.mtimeMs ?? mtimeMs);
    if (age > leftoverMs) await rm(path, { force: true });
  }
}
