/** Any sequence of operations by two writers equals a simple model of rows in memory. */
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Removal } from "../../src/lake/delta/change.ts";
import type { Snapshot } from "../../src/lake/delta/snapshot.ts";
import type { LakeTable } from "../../src/lake/delta/table.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { type StoreUnderTest, storeKinds } from "./stores.ts";
import { lakeOf } from "./tables.ts";

type Part = "a" | "b" | "c";
type Operation =
  /** The writer looks at the newest version; without it, it goes on from what it saw last. */
  | { readonly kind: "look"; readonly writer: 0 | 1 }
  | {
      readonly kind: "append";
      readonly writer: 0 | 1;
      readonly parts: readonly Part[];
      readonly position?: Part;
    }
  | {
      readonly kind: "replace";
      readonly writer: 0 | 1;
      readonly parts: readonly Part[];
      readonly remove: readonly Part[];
    }
  | { readonly kind: "overwrite"; readonly writer: 0 | 1; readonly parts: readonly Part[] }
  | { readonly kind: "compact"; readonly writer: 0 | 1 }
  | { readonly kind: "restore"; readonly writer: 0 | 1; readonly back: number };

const part = fc.constantFrom<Part>("a", "b", "c");
const parts = fc.array(part, { maxLength: 3 });
const writer = fc.constantFrom<0 | 1>(0, 1);
const operation: fc.Arbitrary<Operation> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ kind: fc.constant("look" as const), writer }) },
  { weight: 4, arbitrary: fc.record({ kind: fc.constant("append" as const), writer, parts }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant("append" as const), writer, parts, position: part }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant("replace" as const), writer, parts, remove: parts }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("overwrite" as const), writer, parts }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("compact" as const), writer }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("restore" as const), writer, back: fc.nat(3) }) },
);

interface Row {
  readonly id: number;
  readonly part: Part;
}
/** What one version did, as far as it matters to who started before it. */
interface Version {
  readonly rows: readonly Row[];
  readonly positions: Readonly<Record<string, number>>;
  /** Partitions that got or lost rows by something else than compaction. */
  readonly touched: ReadonlySet<Part>;
  readonly moved: readonly string[];
}

const columns = [
  { name: "id", type: "UInt32" },
  { name: "part", type: "String" },
];

/** Both sides of one run: the real table through two lakes that share nothing, and the model. */
class Run {
  readonly versions: Version[] = [];
  private readonly tables: readonly LakeTable[];
  private readonly seen: (Snapshot | undefined)[] = [undefined, undefined];
  private next = 1;
  private readonly under: StoreUnderTest;

  constructor(under: StoreUnderTest, dataset: string) {
    this.under = under;
    this.tables = [lakeOf(under).table(dataset), lakeOf(under).table(dataset)];
  }

  async apply(step: Operation): Promise<void> {
    const table = this.table(step.writer);
    if (step.kind === "look") this.seen[step.writer] = await table.snapshot();
    else if (step.kind === "compact") await this.compact(step.writer);
    else if (step.kind === "restore") await this.restore(step.writer, step.back);
    else await this.commit(step);
  }

  private table(writer: 0 | 1): LakeTable {
    const table = this.tables[writer];
    if (table === undefined) throw new Error("unreachable");
    return table;
  }

  private async compact(writer: 0 | 1): Promise<void> {
    const head = this.versions.at(-1);
    if (head === undefined) return;
    await this.table(writer).compact({ taskId: "c", minFiles: 2 });
    this.seen[writer] = await this.table(writer).snapshot();
    if (this.seen[writer]?.version === this.versions.length)
      this.versions.push({ ...head, touched: new Set(), moved: [] });
  }

  private async restore(writer: 0 | 1, back: number): Promise<void> {
    const head = this.versions.at(-1);
    const old = this.versions[this.versions.length - 1 - back];
    if (head === undefined || old === undefined) return;
    this.seen[writer] = await this.table(writer).restore(this.versions.length - 1 - back, "r");
    const all = new Set<Part>([...head.rows, ...old.rows].map((row) => row.part));
    this.versions.push({ ...old, touched: all, moved: Object.keys({ ...head.positions, ...old.positions }) });
  }

  private async commit(step: Exclude<Operation, { kind: "look" | "compact" | "restore" }>): Promise<void> {
    const table = this.table(step.writer);
    const base = this.seen[step.writer];
    const rows = step.parts.map((name): Row => ({ id: this.next++, part: name }));
    const values = rows.map((row) => `(${row.id}, '${row.part}')`).join(", ");
    const select =
      rows.length === 0
        ? "SELECT toUInt32(0) AS id, '' AS part WHERE 0"
        : `SELECT * FROM values('id UInt32, part String', ${values})`;
    const add = await table.stage({ select, columns, partitionBy: "part", taskId: `w${step.writer}` });
    const remove = removalOf(step);
    const positions =
      step.kind === "append" && step.position !== undefined ? { [step.position]: this.next } : {};
    const allowed = this.mayCommit(base, remove, Object.keys(positions));
    try {
      this.seen[step.writer] = await table.commit({ base, add, remove, positions, info: {}, taskId: "t" });
    } catch (error) {
      expect({ step, allowed, error: String(error) }).toMatchObject({ allowed: false });
      expect(error instanceof ShoplakeError && error.code).toBe("conflict");
      await table.discard(add);
      return;
    }
    expect({ step, allowed }).toEqual({ step, allowed: true });
    this.publish(rows, remove, positions);
  }

  private publish(added: readonly Row[], remove: Removal, positions: Readonly<Record<string, number>>): void {
    const head = this.versions.at(-1) ?? { rows: [], positions: {} };
    const gone = head.rows.filter((row) => isRemoved(remove, row.part));
    this.versions.push({
      rows: [...head.rows.filter((row) => !gone.includes(row)), ...added],
      positions: { ...head.positions, ...positions },
      touched: new Set([...gone, ...added].map((row) => row.part)),
      moved: Object.keys(positions),
    });
  }

  /** The rule in words: nobody touched what I replace, nobody moved my position, since the version I saw. */
  private mayCommit(base: Snapshot | undefined, remove: Removal, positions: readonly string[]): boolean {
    const since = this.versions.slice((base?.version ?? -1) + 1);
    if (base === undefined && since.length > 0 && remove !== "none") return false;
    if (since.some((version) => version.moved.some((name) => positions.includes(name)))) return false;
    return !since.some((version) => [...version.touched].some((name) => isRemoved(remove, name)));
  }

  async check(): Promise<void> {
    const table = lakeOf(this.under).table(this.tables[0]?.dataset ?? "");
    const head = await table.snapshot();
    expect(head?.version ?? -1).toBe(this.versions.length - 1);
    if (head === undefined) return;
    for (const [version, wanted] of this.versions.entries()) {
      const snapshot = await table.snapshot(version);
      if (snapshot === undefined) throw new Error("unreachable");
      expect(await this.idsOf(table.read(snapshot))).toEqual(sorted(wanted.rows));
      expect(Object.fromEntries(snapshot.positions)).toEqual(wanted.positions);
    }
    const half = Math.floor(this.versions.length / 2);
    const changes = await table.changes(half, head.version);
    if (changes === undefined) throw new Error("the changes cannot be told");
    const came = await this.idsOf(table.read(head, { files: changes.added }));
    const went = await this.idsOf(table.read(head, { files: changes.removed }));
    const before = sorted(this.versions[half]?.rows ?? []);
    expect(subtract([...before, ...came], went)).toEqual(sorted(this.versions.at(-1)?.rows ?? []));
  }

  private async idsOf(from: string): Promise<number[]> {
    const rows = await this.under.engine.rows<{ id: number }>(`SELECT id FROM ${from} ORDER BY id`);
    return rows.map((row) => row.id);
  }
}

function removalOf(step: Operation): Removal {
  if (step.kind === "replace") return { partitions: [...step.remove] };
  return step.kind === "overwrite" ? "all" : "none";
}

function isRemoved(remove: Removal, name: Part): boolean {
  if (remove === "none") return false;
  return remove === "all" || ("partitions" in remove && remove.partitions.includes(name));
}

function sorted(rows: readonly Row[]): number[] {
  return rows.map((row) => row.id).sort((a, b) => a - b);
}

function subtract(all: readonly number[], gone: readonly number[]): number[] {
  const left = [...all].sort((a, b) => a - b);
  for (const id of gone) {
    const at = left.indexOf(id);
    expect(at).toBeGreaterThanOrEqual(0);
    left.splice(at, 1);
  }
  return left;
}

const [local] = storeKinds;

describe("two writers against a model", () => {
  let under: StoreUnderTest;
  let tables = 0;
  beforeAll(async () => {
    if (local === undefined) throw new Error("unreachable");
    under = await local.open();
  });
  afterAll(() => under.stop());

  it("any sequence of operations", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(operation, { minLength: 1, maxLength: 14 }), async (steps) => {
        const run = new Run(under, `silver.model${tables++}`);
        for (const step of steps) await run.apply(step);
        await run.check();
      }),
      { numRuns: 20, seed: 20261121 },
    );
  }, 600_000);
});
