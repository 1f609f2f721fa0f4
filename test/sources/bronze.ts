/**
 * A stand-in for the pipeline's half of the source contract, on a real engine: takes extracts into one table
 * (all modes of writing, positions, pump and statement at once, all or nothing) and gives the source its state back.
 */
import { randomUUID } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Column, Engine } from "../../src/engine/engine.ts";
import { ident, idents, text } from "../../src/engine/sql.ts";
import { isPlatformColumn } from "../../src/sources/reserved-names.ts";
import type { BronzeState, Extract, Source, SourceContext, SourceTable } from "../../src/sources/source.ts";

export interface TestBronze {
  /** Reads everything new from the source; how many rows were added (or stand there after an overwrite). */
  take(
    source: Source,
    table: SourceTable,
    /** In the place of what stores an extract's rows. */
    storing?: (extract: Extract) => Promise<number>,
  ): Promise<Taken>;
  state(): Promise<BronzeState>;
  /** Brings the table back to an earlier version, whose rows fulfil the condition. */
  restore(version: number, condition: string): Promise<void>;
  /** All rows as ClickHouse prints them, ordered by all columns, without _ingested_at. */
  rows<T = Record<string, unknown>>(): Promise<T[]>;
  count(): Promise<number>;
  readonly warnings: string[];
}

export interface Taken {
  readonly added: number;
  readonly rejected: number;
  readonly extracts: number;
}

/** `modelsThatRead`: which models read a column, as the pipeline says it. */
export function testBronze(
  engine: Engine,
  dir: string,
  modelsThatRead?: BronzeState["modelsThatRead"],
): TestBronze {
  const name = `test_bronze.t_${randomUUID().slice(0, 8)}`;
  const positions = new Map<string, number>();
  const warnings: string[] = [];
  let columns: readonly Column[] | undefined;
  let properties: Readonly<Record<string, string>> = {};
  let ticks = 0;
  let version = 0;

  const state = async (): Promise<BronzeState> => ({
    positions: new Map(positions),
    columns,
    properties,
    from: columns === undefined ? undefined : `${name} /* version ${version} */`,
    ...(modelsThatRead && { modelsThatRead }),
  });

  async function adapt(wanted: readonly Column[]): Promise<void> {
    const before = new Map(columns?.map((column) => [column.name, column.type]));
    if (columns === undefined)
      await engine.command(
        `CREATE TABLE ${name} (${structure(wanted)}, _ingested_at DateTime64(6, 'UTC')) ENGINE = MergeTree ORDER BY tuple()`,
      );
    else
      for (const { name: column, type } of wanted)
        if (before.get(column) !== type)
          await engine.command(
            `ALTER TABLE ${name} ${before.has(column) ? "MODIFY" : "ADD"} COLUMN ${ident(column)} ${type}`,
            { settings: { mutations_sync: 2 } },
          );
    for (const column of wanted) before.set(column.name, column.type);
    columns = [...before].map(([column, type]) => ({ name: column, type }));
  }

  async function store(extract: Extract): Promise<number> {
    const names = extract.columns.map((column) => column.name);
    const stage = `${name}_stage`;
    const compared = idents(names.filter((column) => !isPlatformColumn(column)));
    await engine.command("CREATE DATABASE IF NOT EXISTS test_bronze ENGINE = Atomic");
    const known = columns !== undefined;
    await engine.command(
      `CREATE TABLE ${stage} (${structure(extract.columns)}) ENGINE = MergeTree ORDER BY tuple()`,
    );
    try {
      await together(extract, (signal) =>
        engine.command(`INSERT INTO ${stage} SELECT ${idents(names)} FROM ${extract.from}`, {
          settings: extract.settings ?? {},
          signal,
        }),
      );
      await adapt(extract.columns);
      const { write } = extract;
      if (write.mode === "overwrite") await engine.command(`TRUNCATE TABLE ${name}`);
      if (write.mode === "replace_files")
        await engine.command(`DELETE FROM ${name} WHERE _file IN (${write.files.map(text).join(", ")})`);
      const hash = `sipHash128(toJSONString(tuple(${compared})))`;
      const news =
        write.mode === "append_new" && known
          ? write.counted === true
            ? ` WHERE (${hash}, nth) NOT IN (SELECT ${hash}, row_number() OVER (PARTITION BY ${hash}) FROM ${name} WHERE ${write.where})`
            : ` WHERE ${hash} NOT IN (SELECT ${hash} FROM ${name} WHERE ${write.where})`
          : "";
      const before = write.mode === "overwrite" ? 0 : await count(engine, name);
      await engine.command(
        `INSERT INTO ${name} (${idents(names)}, _ingested_at) SELECT * EXCEPT nth, toDateTime64(${++ticks}, 6, 'UTC') FROM (SELECT *, row_number() OVER (PARTITION BY ${hash}) AS nth FROM ${stage})${news}`,
      );
      for (const [key, value] of Object.entries(extract.positions)) positions.set(key, value);
      properties = { ...properties, ...extract.properties };
      return (await count(engine, name)) - before;
    } finally {
      await engine.command(`DROP TABLE ${stage} SYNC`);
    }
  }

  return {
    state,
    warnings,
    async restore(earlier, condition) {
      await engine.command(`DELETE FROM ${name} WHERE NOT (${condition})`);
      version = earlier;
    },
    async take(source, table, storing = store) {
      const context = { ...(await testContext(engine, dir, warnings)), cacheDir: join(dir, `cache-${name}`) };
      const taken = { added: 0, rejected: 0, extracts: 0 };
      try {
        for await (const extract of source.read(table, await state(), context)) {
          try {
            taken.extracts++;
            const added = await storing(extract);
            if (added > 0) version++;
            else await extract.nothingNew?.();
            taken.added += added;
            taken.rejected += extract.rejected.length;
          } finally {
            await extract.dispose();
          }
        }
      } finally {
        await rm(context.spool, { recursive: true });
      }
      return taken;
    },
    rows: () =>
      engine.rows(`SELECT * EXCEPT _ingested_at FROM ${name} ORDER BY ALL`, {
        settings: { output_format_json_quote_denormals: 1 },
      }),
    count: () => (columns === undefined ? Promise.resolve(0) : count(engine, name)),
  };
}

/** A context with a fresh spool folder under `dir`. */
export async function testContext(
  engine: Engine,
  dir: string,
  warnings: string[] = [],
): Promise<SourceContext> {
  const spool = join(dir, `spool-${randomUUID()}`);
  await mkdir(spool);
  return {
    engine,
    spool,
    projectDir: dir,
    signal: new AbortController().signal,
    warn: (message) => warnings.push(message),
  };
}

/** Statement and pump at once, as the contract says: the first failure stops the other, the pump's counts for more. */
async function together(
  extract: Extract,
  statement: (signal: AbortSignal) => Promise<unknown>,
): Promise<void> {
  const stop = new AbortController();
  const guarded = (work: Promise<unknown>) =>
    work.catch((error: unknown) => {
      stop.abort(error);
      throw error;
    });
  const [read, pushed] = await Promise.allSettled([
    guarded(statement(stop.signal)),
    guarded(Promise.resolve(extract.pump?.(stop.signal))),
  ]);
  if (pushed.status === "rejected" && read.status === "fulfilled") throw pushed.reason;
  if (read.status === "rejected")
    throw pushed.status === "rejected" && pushed.reason !== read.reason ? pushed.reason : read.reason;
}

async function count(engine: Engine, table: string): Promise<number> {
  const [row] = await engine.rows<{ n: string }>(`SELECT count() AS n FROM ${table}`);
  return Number(row?.n);
}

function structure(columns: readonly Column[]): string {
  return columns.map((column) => `${ident(column.name)} ${column.type}`).join(", ");
}
