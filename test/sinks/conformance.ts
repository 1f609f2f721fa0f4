/** What every sink must do. Run by each implementation's own test file. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { Column } from "../../src/engine/engine.ts";
import { loadKinds } from "../../src/host/kinds.ts";
import type { SinkKind } from "../../src/sinks/kind.ts";
import { openSink } from "../../src/sinks/kinds.ts";
import type { Sink, SinkContext, SinkInput } from "../../src/sinks/sink.ts";
import { isRetryable, ShoplakeError } from "../../src/util/errors.ts";
import { embeddedForTests, TEST_ENGINE, type TestEngine } from "../engine/harness.ts";
import { projectFolder } from "../project/folder.ts";

/** A fresh, empty target. */
export interface SinkTarget {
  /** Options as a config file writes them. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Options of a target that does not answer, or cannot be written. */
  readonly down: Readonly<Record<string, unknown>>;
  /** All rows of a dataset, values as text (NULL: null), in any order. */
  rows(dataset: string): Promise<readonly Readonly<Record<string, string | null>>[]>;
}

/** `target(dir)`: a fresh target; relative paths start at `dir`. */
export function sinkConformance(kindName: string, target: (dir: string) => Promise<SinkTarget>): void {
  describe(`${kindName}: what every sink does`, () => {
    let t: TestEngine;
    let kind: SinkKind;
    let to: SinkTarget;
    let sink: Sink;
    let count = 0;
    let dataset: string;

    beforeAll(async () => {
      t = await embeddedForTests();
      const found = (await loadKinds()).sinks.get(kindName);
      if (found === undefined) throw new Error(`no sink ${kindName}`);
      kind = found;
      to = await target(t.dir);
      sink = open(to.options);
    });
    afterAll(async () => {
      await sink.close();
      await t.stop();
    });
    beforeEach(() => {
      dataset = `gold.t${++count}`;
    });

    function open(options: SinkTarget["options"]): Sink {
      return openSink(new Map([[kindName, kind]]), "out", {
        kind: kindName,
        config: kind.options.parse(options),
      });
    }
    function context(more: Partial<SinkContext> = {}): SinkContext {
      const { signal } = new AbortController();
      return { engine: t.engine, spool: t.dir, projectDir: t.dir, signal, warn: () => {}, ...more };
    }
    async function version(select: string, more: Partial<SinkInput> = {}): Promise<SinkInput> {
      const columns = await t.engine.rows<Column>(`DESCRIBE (${select})`);
      return {
        dataset,
        version: 1,
        identity: `table one, version ${more.version ?? 1}`,
        from: `(${select})`,
        columns: columns.map(({ name, type }) => ({ name, type })),
        key: columns.some(({ name }) => name === "id") ? ["id"] : [],
        ...more,
      };
    }
    const write = async (select: string, more: Partial<SinkInput> = {}) =>
      sink.write(await version(select, more), context());
    const held = async () => {
      const rows = await to.rows(dataset);
      return rows.map((row) => JSON.stringify(row)).sort();
    };
    const numbers = (n: number, text = "'a'") =>
      `SELECT toUInt32(number) AS id, ${text} AS text FROM numbers(${n})`;
    const expected = (n: number, text = "a") =>
      Array.from({ length: n }, (_, id) => JSON.stringify({ id: String(id), text })).sort();

    it("says its kind, and that it can be reached", async () => {
      expect(sink.kind).toBe(kindName);
      const { notes, warning } = await sink.probe(context());
      expect(notes.length).toBeGreaterThan(0);
      expect(warning).toBeUndefined();
    });

    it("makes the target equal to a version, and to the next one", async () => {
      expect(await write(numbers(3))).toMatchObject({ inserted: 3, unchanged: false });
      expect(await held()).toEqual(expected(3));
      await write(numbers(2, "'b'"), { version: 2 });
      expect(await held()).toEqual(expected(2, "b"));
      await write(numbers(3), { version: 1 });
      expect(await held()).toEqual(expected(3));
    });

    it("does nothing for a version that is there, also when it was opened anew", async () => {
      await write(numbers(3));
      const nothing = { inserted: 0, updated: 0, deleted: 0, unchanged: true };
      expect(await write(numbers(3))).toEqual(nothing);
      const again = open(to.options);
      expect(await again.write(await version(numbers(3)), context())).toEqual(nothing);
      await again.close();
    });

    it("delivers a version number that comes back under another identity", async () => {
      await write(numbers(3));
      for (const identity of ["table two, version 1", "table one, version 1 ", "Table one, version 1", ""]) {
        const text = `'${identity}'`;
        expect(await write(numbers(3, text), { identity })).toMatchObject({ unchanged: false });
        expect(await held()).toEqual(expected(3, identity));
      }
    });

    it("takes nothing for granted without an identity", async () => {
      await sink.write({ ...(await version(numbers(2))), identity: undefined }, context());
      await sink.write({ ...(await version(numbers(2, "'b'"))), identity: undefined }, context());
      expect(await held()).toEqual(expected(2, "b"));
    });

    it("follows columns that come, go and change their type, also within one version", async () => {
      await write(numbers(2));
      await write("SELECT toUInt32(number) AS id, 'a' AS text, 1.5 AS price FROM numbers(2)", {
        identity: "table one, version 1",
      });
      expect(await to.rows(dataset)).toContainEqual({ id: "1", text: "a", price: "1.5" });
      await write("SELECT toUInt32(number) AS id, 'x' AS price FROM numbers(2)", { version: 2 });
      const rows = await to.rows(dataset);
      expect(rows.map(({ id, price, text }) => [id, price, text ?? null]).sort()).toEqual([
        ["0", "x", null],
        ["1", "x", null],
      ]);
    });

    it("takes an empty dataset, before and after rows", async () => {
      expect(await write(numbers(0))).toMatchObject({ inserted: 0 });
      expect(await held()).toEqual([]);
      await write(numbers(2), { version: 2 });
      expect(await held()).toEqual(expected(2));
      await write(numbers(0), { version: 3 });
      expect(await held()).toEqual([]);
    });

    it("keeps odd names of columns and datasets", async () => {
      dataset = "gold.order";
      const names = ["constructor", "Total (EUR)", "it's", "select", "Größe", "a b", "ID", "id"];
      const select = `SELECT ${names.map((name, i) => `${i} AS \`${name}\``).join(", ")}`;
      await write(select);
      expect(await to.rows(dataset)).toEqual([Object.fromEntries(names.map((name, i) => [name, String(i)]))]);
    });

    it("holds a whole version after kill -9 at any moment, and the new one after the next delivery", async () => {
      await write(numbers(5));
      const large = await version(numbers(200_000, "repeat('x', 50)"), { version: 2 });
      const whole = [5, 200_000];
      for (const ms of [0, 15, 40, 90, 200, 400, 800]) {
        const child = deliver(large);
        const closed = once(child, "close");
        await once(child.stdout, "data");
        await sleep(ms);
        child.kill("SIGKILL");
        await closed;
        expect(whole).toContain((await to.rows(dataset)).length);
      }
      await sink.write(large, context());
      expect((await to.rows(dataset)).length).toBe(200_000);
      expect(await sink.write(large, context())).toMatchObject({ unchanged: true });
    }, 240_000);

    function deliver(input: SinkInput) {
      const work = { stateDir: t.dir, engine: TEST_ENGINE, kind: kindName, options: to.options, input };
      return spawn(process.execPath, [join(import.meta.dirname, "deliverer.mjs"), JSON.stringify(work)], {
        stdio: ["ignore", "pipe", "inherit"],
      });
    }

    it("two deliveries at once leave one whole version", async () => {
      const other = open(to.options);
      const inputs = [await version(numbers(500)), await version(numbers(400, "'b'"), { version: 2 })];
      const [first, second] = inputs;
      if (first === undefined || second === undefined) throw new Error("two versions");
      await Promise.all([sink.write(first, context()), other.write(second, context())]);
      await other.close();
      expect([expected(500), expected(400, "b")]).toContainEqual(await held());
    });

    it("says what to do about a target that is down, and is not asked for it again", async () => {
      const down = open(to.down);
      const failures = [
        await down.probe(context()).catch((error: unknown) => error),
        await down.write(await version(numbers(1)), context()).catch((error: unknown) => error),
      ];
      for (const failure of failures) {
        if (!(failure instanceof ShoplakeError)) throw new Error(`expected a ShoplakeError, got ${failure}`);
        expect(failure.code).toBe("sink");
        expect(isRetryable(failure)).toBe(false);
        expect(failure.details.where).toMatch(/./);
        expect(failure.details.hint).toMatch(/./);
      }
      expect(failures[0]).toMatchObject({ details: { unreachable: true } });
      await down.close();
    });

    it("may be closed twice", async () => {
      const again = open(to.options);
      await again.write(await version(numbers(1)), context());
      await again.close();
      await again.close();
    });

    it("two sinks of a project that write the same to one place are refused", async () => {
      const { loadProject } = await import("../../src/project/load.ts");
      const call = `${kindName}(${JSON.stringify(to.options)})`;
      const dir = projectFolder({
        "shoplake.config.ts": `import { defineProject, ${kindName} } from "shoplake";
export default defineProject({ name: "x", sinks: {
  one: ${call},
  two: ${call},
} });`,
      });
      await expect(loadProject(dir, { env: {}, kinds: await loadKinds() })).rejects.toMatchObject({
        code: "config",
        details: {
          problems: [{ message: expect.stringMatching(/the sinks one and two write the same/), line: 4 }],
        },
      });
    });
  });
}
