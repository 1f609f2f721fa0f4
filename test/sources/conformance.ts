/** What every source must do. Run by each implementation's own test file. */
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import type { Engine } from "../../src/engine/engine.ts";
import type { Source, SourceTable } from "../../src/sources/source.ts";
import { testBronze, testContext } from "./bronze.ts";

/** A source of one table with the columns `id` and `name`, and a way to fill it. */
export interface ConformanceSubject {
  open(): Source;
  /** Adds rows at the source; a second call comes later in time than the first. */
  add(rows: readonly { id: number; name: string }[]): Promise<void>;
  /** Removes everything that `open` and `add` made. */
  clear(): Promise<void>;
}

export interface ConformanceSetup {
  readonly engine: Engine;
  /** A folder for spooled files. */
  readonly dir: string;
  /** A fresh, empty table at the source. */
  subject(): Promise<ConformanceSubject>;
}

export function sourceConformance(kind: string, setup: () => ConformanceSetup): void {
  describe(`${kind}: what every source does`, () => {
    let subject: ConformanceSubject;
    let source: Source;
    const bronze = () => testBronze(setup().engine, setup().dir);
    const tables = async () => source.tables(await testContext(setup().engine, setup().dir));
    const only = async (): Promise<SourceTable> => {
      const [table] = await tables();
      if (table === undefined) throw new Error("the source has no table");
      return table;
    };

    beforeEach(async () => {
      subject = await setup().subject();
      source = subject.open();
    });
    afterEach(async () => {
      await source.close();
      await subject.clear();
    });

    it("says its kind and its policy", () => {
      expect(source.kind).toBe(kind);
      expect(["evolve", "freeze", "fail"]).toContain(source.schemaPolicy);
    });

    it("can be reached, again and again, and closed twice", async () => {
      const context = await testContext(setup().engine, setup().dir);
      for (const _ of [1, 2]) expect((await source.probe(context)).warning).toBeUndefined();
      await source.close();
      await source.close();
    });

    it("yields no rows from an empty source", async () => {
      const target = bronze();
      for (const table of await tables()) await target.take(source, table);
      expect(await target.count()).toBe(0);
    });

    it("yields one row", async () => {
      await subject.add([{ id: 1, name: "one" }]);
      const target = bronze();
      await target.take(source, await only());
      const [row, ...rest] = await target.rows<{ id: unknown; name: unknown }>();
      expect(rest).toEqual([]);
      expect([String(row?.id), row?.name]).toEqual(["1", "one"]);
    });

    it("adds nothing the second time, also by a source that was opened anew", async () => {
      await subject.add([
        { id: 1, name: "one" },
        { id: 2, name: "two" },
      ]);
      const target = bronze();
      await target.take(source, await only());
      const before = await target.rows();
      await target.take(source, await only());
      const again = subject.open();
      await target.take(again, await only());
      await again.close();
      expect(await target.rows()).toEqual(before);
      expect(before).toHaveLength(2);
    });

    it("continues from what bronze holds", async () => {
      const target = bronze();
      await subject.add([{ id: 1, name: "one" }]);
      await target.take(source, await only());
      await subject.add([{ id: 2, name: "two" }]);
      const again = subject.open();
      await target.take(again, await only());
      await again.close();
      expect((await target.rows<{ name: string }>()).map(({ name }) => name)).toEqual(["one", "two"]);
    });

    it("starts from the beginning for another bronze", async () => {
      await subject.add([{ id: 1, name: "one" }]);
      await bronze().take(source, await only());
      const other = bronze();
      await other.take(source, await only());
      expect(await other.count()).toBe(1);
    });
  });
}
