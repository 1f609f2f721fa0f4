import { text as readText } from "node:stream/consumers";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readOnlyStatement } from "../../../src/engine/guard/readonly.ts";
import { type Allowed, templateQueries, writtenStatements } from "./allowed.ts";
import { type GuardWorld, guardWorld } from "./world.ts";

let world: GuardWorld;
beforeAll(async () => {
  world = await guardWorld();
});
afterAll(() => world.stop());

const statements: readonly Allowed[] = [...(await templateQueries()), ...writtenStatements()];

test("there are enough of them", () => expect(statements.length).toBeGreaterThanOrEqual(100));

test.each(statements)("$sql", async ({ sql, params = {} }) => {
  const { sql: text, format, settings } = await readOnlyStatement(world.engine, sql, { params });
  const download = async (statement: string, as: string, own: Record<string, string | number>) =>
    readText(await world.engine.download(statement, as, { params, settings: own }));
  const wanted =
    format ?? (/^(EXPLAIN|SHOW|EXISTS|DESC)/.test(sql) ? "TSV" : "JSONCompactEachRowWithNamesAndTypes");
  const unguarded = sql.replace(/--.*$/, "").replace(/ FORMAT \w+(?=$| SETTINGS)/, "");
  const [guarded, plain] = [await download(text, wanted, settings), await download(unguarded, wanted, {})];
  if (sql === "SHOW DATABASES") expect(guarded).toBe("bronze\ngold\nops\nsilver\nsystem\n");
  else expect(guarded).toBe(plain);
  expect(world.touched()).toEqual([]);
});
