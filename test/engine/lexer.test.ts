import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { analyse } from "../../src/engine/embedded/statement.ts";
import { lex } from "../../src/engine/lexer.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const shown = (sql: string) => lex(sql).map(({ kind, text }) => `${kind}:${text}`);

describe("tokens", () => {
  test.each([
    ["SELECT 1e--5", ["word:SELECT", "number:1e-", "symbol:-", "number:5"]],
    [
      "a.1.2 x.1",
      ["word:a", "symbol:.", "number:1", "symbol:.", "number:2", "word:x", "symbol:.", "number:1"],
    ],
    [".5 1_000 0xFFp-1 0b01", ["number:.5", "number:1_000", "number:0xFFp-1", "number:0b01"]],
    ["1abc $a$x$a$ $", ["word:1abc", "string:$a$x$a$", "symbol:$"]],
    ["'a''b\\'c' `x``y` \"z\"", ["string:'a''b\\'c'", "quoted:`x``y`", 'quoted:"z"']],
    ["x'0f' b'01' X'", ["string:x'0f'", "string:b'01'", "error:X'"]],
    ["/* a /* b */ c */ d -- e\nf # g\nh #i // j", ["word:d", "word:f", "word:h", "error:#", "word:i"]],
    ["a\u00a0b\u3000c\ufeff", ["word:a", "word:b", "word:c"]],
    [
      "\u2018a\u2019 \u201cb\u201d 1\u22122",
      ["string:\u2018a\u2019", "quoted:\u201cb\u201d", "number:1", "symbol:\u2212", "number:2"],
    ],
    ["'open", ["error:'open"]],
    ["é", ["error:é"]],
  ])("%j", (sql, expected) => expect(shown(sql)).toEqual(expected));

  test("offsets are those of the text, also behind letters of several bytes", () => {
    const sql = "SELECT 'é€😀' AS a, `ü`";
    for (const token of lex(sql)) expect(sql.slice(token.start, token.end)).toBe(token.text);
    expect(lex(sql).at(-1)).toMatchObject({ text: "`ü`", kind: "quoted" });
  });

  test("depth counts open brackets", () => {
    expect(lex("f(a[1], {b}) c").map(({ text, depth }) => text + depth)).toEqual([
      "f0",
      "(0",
      "a1",
      "[1",
      "12",
      "]1",
      ",1",
      "{1",
      "b2",
      "}1",
      ")0",
      "c0",
    ]);
  });

  test("any text is cut without gaps but blanks and comments, in order, to its end", () => {
    const piece = fc.constantFrom(
      "'",
      '"',
      "`",
      "\\",
      "$",
      "$a$",
      "/*",
      "*/",
      "--",
      "#",
      "\n",
      " ",
      "a",
      "1",
      ".",
      "e",
      "-",
      "é",
      "\u00a0",
      "x'",
      "(",
      ")",
      ";",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const sql = pieces.join("");
        let at = 0;
        for (const token of lex(sql)) {
          expect(token.start).toBeGreaterThanOrEqual(at);
          expect(token.end).toBeGreaterThanOrEqual(token.start);
          at = token.end;
        }
        expect(at).toBeLessThanOrEqual(sql.length);
      }),
      { numRuns: 2000 },
    );
  });
});

/** Pieces that end strings, comments and statements, or hide that they do. */
const blank = fc.constantFrom(
  " ",
  "\n",
  "\t",
  "\u00a0",
  "/* ; */",
  "/* /* ; */ ' */",
  "-- ; '\n",
  "# ;\n",
  "#! ;\n",
  "// ;\n",
  "  ",
);
const value = fc.constantFrom(
  "1",
  "1.5",
  ".5",
  "1e-5",
  "0x1F",
  "1_000",
  "'a'",
  "'a;b'",
  "'it''s'",
  "'\\''",
  "'\\\\'",
  "$$;$$",
  "$t$ ' $t$",
  "x'3b'",
  "'--'",
  "'/*'",
  "[1, 2]",
  "(1, 'b;')",
  "tuple(1, 2).1",
  "'é;😀'",
  "\u2018a;b\u2019",
  "1\u22121",
  "1 - -1",
  "1--;\n",
  "{'a': 1}",
);
const alias = fc.constantFrom(
  "",
  " AS a",
  " AS `b;`",
  ' AS "c`;"',
  " AS `d``;`",
  " AS format",
  " AS `SETTINGS`",
  " AS \u201ce;\u201d",
  " AS $f",
);
const select = fc
  .tuple(
    fc.array(fc.tuple(value, alias), { minLength: 1, maxLength: 3 }),
    blank,
    fc.constantFrom("", " FROM numbers(1)", " FROM numbers(1) AS format", " WHERE 1", " LIMIT 1"),
  )
  .map(([items, gap, tail]) => `SELECT${gap}${items.map(([v, a]) => v + a).join(`,${gap}`)}${tail}`);

/** The engine's opinion: does the text parse as one statement, and what is its format? */
async function parsed(sql: string): Promise<{ format: string | undefined } | undefined> {
  try {
    const rows = await t.engine.rows<{ ok: string | null }>("SELECT formatQueryOrNull({sql:String}) AS ok", {
      params: { sql },
    });
    const text = rows[0]?.ok;
    return text === null || text === undefined
      ? undefined
      : { format: /\nFORMAT (\w+)(\nSETTINGS .*)?$/.exec(text)?.[1] };
  } catch {
    return undefined;
  }
}

const latin1 = (sql: string) => Buffer.from(sql).toString("latin1");

test("statements the engine takes as one are taken as one, with the same format", async () => {
  const format = fc.constantFrom(
    "",
    " FORMAT CSV",
    "\nformat JSON",
    " FORMAT TSV SETTINGS max_threads = 1",
    " SETTINGS max_threads = 1 FORMAT XML",
  );
  let agreed = 0;
  await fc.assert(
    fc.asyncProperty(select, format, blank, async (sql, clause, gap) => {
      const whole = sql + gap + clause + gap;
      const engine = await parsed(whole);
      if (!engine) return;
      const statement = analyse(latin1(whole));
      expect({ kind: statement.kind, multiple: statement.multiple, format: statement.format?.name }).toEqual({
        kind: "select",
        multiple: false,
        format: engine.format,
      });
      agreed++;
    }),
    { numRuns: 400 },
  );
  expect(agreed).toBeGreaterThan(200);
}, 120_000);

test("what the interface sends is one statement: two are always told apart", async () => {
  let checked = 0;
  await fc.assert(
    fc.asyncProperty(select, select, blank, async (first, second, gap) => {
      if (!(await parsed(first)) || !(await parsed(second))) return;
      expect(analyse(latin1(`${first}${gap};${gap}${second}`)).multiple).toBe(true);
      expect(analyse(latin1(`${first}${gap};${gap};`)).multiple).toBe(false);
      checked++;
    }),
    { numRuns: 200 },
  );
  expect(checked).toBeGreaterThan(80);
}, 120_000);

test("no clause hides from the search for files", () => {
  fc.assert(
    fc.property(select, blank, blank, (sql, a, b) => {
      expect(analyse(latin1(`${sql} INTO${a}${b}OUTFILE '/x'`)).clientFile).toBe(true);
      expect(analyse(latin1(sql)).clientFile).toBe(false);
    }),
  );
});

describe("inserts", () => {
  const target = fc.constantFrom(
    "t",
    "db.t",
    "`t`.`u`",
    "TABLE t",
    "FUNCTION null('a Int8')",
    "format",
    "values",
    "db.format",
    "TABLE `values`",
    "FUNCTION file('x', 'CSV')",
  );
  const columns = fc.constantFrom("", " (a, b)", " (format)", " (values, `)`)", " (* EXCEPT (a))");
  const settings = fc.constantFrom("", " SETTINGS a = 1", " SETTINGS async_insert = 1, b = 'FORMAT x'");
  const data = fc.constantFrom(
    "1,2\n",
    "; DROP TABLE t",
    "'",
    "\u0000\u00ff",
    "FORMAT CSV\n",
    "VALUES (1)",
    "",
  );

  test("data begin right behind the format, whatever they are", () => {
    fc.assert(
      fc.property(target, columns, settings, blank, data, (name, list, set, gap, body) => {
        const sql = `INSERT${gap}INTO${gap}${name}${list}${set}${gap}FORMAT${gap}CSV`;
        const bytes = latin1(`${sql}\n${body}`);
        const { kind, insert, multiple } = analyse(bytes);
        expect([kind, insert?.format, multiple]).toEqual(["insert", "CSV", false]);
        expect(bytes.slice(insert?.data)).toBe(latin1(body));
        expect(insert?.head).toBeGreaterThanOrEqual(latin1(`INSERT${gap}INTO${gap}${name}${list}`).length);
        expect(bytes.slice(insert?.head)).toMatch(set === "" ? /^FORMAT/ : /^SETTINGS/);
        expect(insert?.settings === undefined).toBe(set === "");
      }),
    );
  });

  test("VALUES and SELECT", () => {
    fc.assert(
      fc.property(target, columns, settings, blank, (name, list, set, gap) => {
        const values = analyse(latin1(`INSERT INTO ${name}${list}${set}${gap}VALUES${gap}(1, 'x')`));
        expect([values.kind, values.insert?.format]).toEqual(["insert", "Values"]);
        const query = analyse(
          latin1(`INSERT INTO ${name}${list}${set}${gap}SELECT 1 AS values, 2 AS format FORMAT CSV`),
        );
        expect([query.kind, query.first]).toEqual(["command", "INSERT"]);
        const input = analyse(
          latin1(`INSERT INTO ${name}${list} SELECT a FROM input('a Int8')${gap}WHERE 1 FORMAT CSV\n1`),
        );
        expect([input.kind, input.insert?.input !== undefined]).toEqual(["insert", true]);
      }),
    );
  });

  test("WITH before INSERT", () => {
    expect(analyse("WITH 1 AS y INSERT INTO t FORMAT TSV\n1")).toMatchObject({
      kind: "insert",
      insert: { format: "TSV" },
    });
    expect(analyse("WITH x AS (SELECT 1) SELECT x.insert, insert FROM x")).toMatchObject({ kind: "select" });
  });
});
