/**
 * Other programs read what we write, value by value, and we read what they write. One start of each reader for all tables:
 * every kind of table the lake makes is written to one folder first.
 */
import { execFile } from "node:child_process";
import { cp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { DeltaType } from "../../src/lake/delta/delta-types.ts";
import type { Snapshot } from "../../src/lake/delta/snapshot.ts";
import { canonicalRows, fieldsOf, type ManifestTable } from "./foreign/manifest.ts";
import { sparkTables } from "./foreign/spark-tables.ts";
import { makeTables } from "./foreign/tables.ts";
import { hasService, servicePath } from "./services.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { lakeOf, write } from "./tables.ts";

const available = hasService("readers");
const run = promisify(execFile);
const scripts = fileURLToPath(new URL("./foreign/", import.meta.url));
const [local, s3] = storeKinds;

interface Own {
  readonly fields: readonly { readonly name: string; readonly type: DeltaType }[];
  readonly rows: readonly string[];
}
type Rows = readonly string[] | string;
interface Results {
  readonly deltars: Readonly<Record<string, Rows>>;
  readonly polars: Readonly<Record<string, Rows>>;
  readonly spark: Readonly<Record<string, Rows>>;
  readonly writtenByDeltars: Readonly<Record<string, Rows>>;
  readonly writtenBySpark: Readonly<Record<string, Rows>>;
  readonly own: Readonly<Record<string, Own | string>>;
}

describe.skipIf(!available)("foreign readers", () => {
  let under: StoreUnderTest;
  let results: Results;
  const expected = new Map<string, string[]>();

  beforeAll(async () => {
    if (local === undefined) throw new Error("unreachable");
    under = await local.open();
    const folder = under.folder ?? "";
    const names = await makeTables(under);
    const lake = lakeOf(under);
    const tables: ManifestTable[] = [];
    for (const name of names) {
      const table = lake.table(name);
      const snapshot = await table.snapshot();
      if (snapshot === undefined) throw new Error(`no table ${name}`);
      tables.push({ name, path: join(folder, name.replace(".", "/")), fields: fieldsOf(snapshot) });
      expected.set(name, await canonicalRows(under.engine, table, snapshot));
    }
    const writable = (suffix: string) => copies(folder, tables, suffix);
    results = await runReaders(folder, tables, await writable("rs"), await writable("spark"));
  }, 1_800_000);
  afterAll(() => under?.stop());

  it.each(["deltars", "polars", "spark"] as const)("%s reads every table as we do", (reader) => {
    for (const [name, rows] of expected) {
      const found = results[reader][name];
      expect({ name, rows: found }).toEqual({ name, rows });
    }
  });

  it.each(["rs", "spark"] as const)(
    "we read what %s changed in our tables, and write on top",
    async (suffix) => {
      const written = suffix === "rs" ? results.writtenByDeltars : results.writtenBySpark;
      expect(Object.keys(written).length).toBeGreaterThan(2);
      for (const [name, rows] of Object.entries(written)) {
        const table = lakeOf(under).table(name);
        const snapshot = await table.snapshot();
        if (snapshot === undefined) throw new Error(`no table ${name}`);
        expect({ name, rows: await canonicalRows(under.engine, table, snapshot) }).toEqual({ name, rows });
        const next = await write(table, {
          select: `SELECT * FROM ${table.read(snapshot)} LIMIT 1`,
          columns: snapshot.columns,
          ...(snapshot.partitionBy === undefined ? {} : { partitionBy: snapshot.partitionBy }),
        });
        expect(await canonicalRows(under.engine, table, next)).toHaveLength(rows.length + 1);
        await table.compact({ taskId: "c", minFiles: 2 });
        await table.checkpoint();
        const fresh = lakeOf(under).table(name);
        const again = await fresh.snapshot();
        if (again === undefined) throw new Error("unreachable");
        expect(await canonicalRows(under.engine, fresh, again)).toHaveLength(rows.length + 1);
      }
    },
  );

  it.each(sparkTables.map((table) => [table.name, table] as const))(
    "we read Spark's own %s",
    async (name, table) => {
      const own = results.own[name];
      if (own === undefined || typeof own === "string") throw new Error(`Spark: ${own}`);
      const opened = lakeOf(under).table(`made.${name}`);
      const reading = (async () => {
        const snapshot = await opened.snapshot();
        if (snapshot === undefined) throw new Error(`no table ${name}`);
        return canonicalRows(under.engine, opened, snapshot);
      })();
      if (table.refused !== undefined) await expect(reading).rejects.toThrow(table.refused);
      else {
        expect(await reading).toEqual(own.rows);
        const counted = `SELECT count() AS rows FROM ${opened.read((await opened.snapshot()) as Snapshot)}`;
        expect(await under.engine.rows(counted)).toEqual([{ rows: String(own.rows.length) }]);
      }
      if (table.readOnly !== true) return;
      const base = await opened.snapshot();
      const commit = opened.commit({ base, add: undefined, remove: "all", info: {}, taskId: "t" });
      await expect(commit).rejects.toThrow(/cannot do/);
      await expect(opened.checkpoint()).rejects.toThrow(/cannot do/);
    },
  );

  it.skipIf(s3?.available !== true)("we read Spark's deletion vectors from S3 too", async () => {
    const own = results.own["deletion_vectors"];
    if (s3 === undefined || own === undefined || typeof own === "string") throw new Error(`Spark: ${own}`);
    const remote = await s3.open();
    try {
      for await (const { key } of under.store.list("made/deletion_vectors/"))
        await remote.store.create(key, (await under.store.read(key)) ?? new Uint8Array());
      const table = lakeOf(remote).table("made.deletion_vectors");
      const snapshot = await table.snapshot();
      if (snapshot === undefined) throw new Error("unreachable");
      expect(await canonicalRows(remote.engine, table, snapshot)).toEqual(own.rows);
    } finally {
      await remote.stop();
    }
  });

  async function runReaders(
    folder: string,
    tables: readonly ManifestTable[],
    forDeltars: readonly ManifestTable[],
    forSpark: readonly ManifestTable[],
  ): Promise<Results> {
    const python = servicePath("python");
    const own = sparkTables.map(({ name, statements }) => ({
      name,
      statements,
      path: join(folder, "made", name),
    }));
    const read = async (script: string, writable: readonly ManifestTable[], ...more: string[]) => {
      const manifest = join(folder, `${script}.manifest.json`);
      const out = join(folder, `${script}.out.json`);
      await writeFile(manifest, JSON.stringify({ folder, tables, writable, own }));
      await run(python, [join(scripts, script), manifest, out, ...more], {
        timeout: 1_500_000,
        maxBuffer: 1e8,
        env: { ...process.env, TZ: "UTC" },
      });
      return JSON.parse(await readFile(out, "utf8"));
    };
    const native = await read("native.py", forDeltars);
    const spark = await read("spark.py", forSpark, servicePath("jars"));
    return {
      ...native,
      ...spark,
      writtenByDeltars: native.written,
      writtenBySpark: spark.written,
    };
  }
});

/** Copies of some tables for others to write into: relative paths make a table movable. */
async function copies(
  folder: string,
  tables: readonly ManifestTable[],
  suffix: string,
): Promise<ManifestTable[]> {
  const made: ManifestTable[] = [];
  for (const table of tables) {
    if (!/by_city|by_month|changed|types/.test(table.name)) continue;
    const name = `${suffix}.${table.name.split(".")[1]}`;
    const path = join(folder, name.replace(".", "/"));
    await cp(table.path, path, { recursive: true });
    made.push({ ...table, name, path });
  }
  return made;
}
