import { afterAll, beforeAll, expect, test } from "vitest";
import { castTo } from "../../src/engine/cast.ts";
import { text } from "../../src/engine/sql.ts";
import { withAliases } from "../../src/quality/sql-pieces.ts";
import { embeddedForTests, type TestEngine } from "./harness.ts";

let t: TestEngine;
beforeAll(async () => {
  t = await embeddedForTests();
});
afterAll(() => t.stop());

const BROKEN = Symbol("broken");
type Expected = string | null | typeof BROKEN;

/** Casts texts of a table column; NULL stays NULL. */
async function cast(
  type: string,
  given: readonly (string | null)[],
  source = "Nullable(String)",
  typeName: (type: string) => Promise<string> = async () => type,
) {
  const values = given.map((value) => `CAST(${value === null ? "NULL" : text(value)}, ${text(source)})`);
  const { steps, typed, broken } = castTo("x", type, "x");
  const rows = await t.engine.rows<{ value: string | null; broken: number; type: string }>(
    `${withAliases(steps)}SELECT toString(${typed}) AS value, toUInt8(${broken}) AS broken, toTypeName(${typed}) AS type FROM (SELECT arrayJoin([${values.join(", ")}]) AS x)`,
  );
  const name = await typeName(type);
  for (const row of rows) expect(row.type).toBe(name);
  return rows.map((row): Expected => (row.broken === 1 ? BROKEN : row.value));
}

async function engineName(type: string): Promise<string> {
  const rows = await t.engine.rows<{ name: string }>(
    `SELECT toTypeName(defaultValueOfTypeName(${text(type)})) AS name`,
  );
  return rows[0]?.name ?? "";
}

function check(type: string, cases: Readonly<Record<string, Expected>>, source?: string): void {
  test(`${source ?? "text"} to ${type}`, async () => {
    const found = await cast(type, Object.keys(cases), source);
    expect(Object.fromEntries(Object.keys(cases).map((given, i) => [given, found[i]]))).toEqual(cases);
  });
}

check("Decimal(18, 4)", {
  "1.5": "1.5",
  " 12 ": "12",
  "\t7\r": "7",
  "+5": "5",
  "-0.0001": "-0.0001",
  ".25": "0.25",
  "3.": "3",
  "00012.50000": "12.5",
  "99999999999999.9999": "99999999999999.9999",
  "100000000000000": BROKEN,
  "1.23456": BROKEN,
  "1,5": BROKEN,
  "1e3": BROKEN,
  "12abc": BROKEN,
  nan: BROKEN,
  "-": BROKEN,
  ".": BROKEN,
  "": BROKEN,
  "0x10": BROKEN,
});
check("Decimal(4, 4)", { "0.1234": "0.1234", "1.0": BROKEN, "0": "0" });
check("Nullable(Decimal(9, 0))", {
  "12": "12",
  "12.0": "12",
  "12.5": BROKEN,
  "": null,
  "  ": null,
  "1234567890": BROKEN,
});
check("Decimal(18, 2)", { "1.10": "1.1", "1.005": BROKEN }, "Float64");
check("Decimal(18, 2)", { "1.10": "1.1", "1.005": BROKEN }, "Decimal(10, 3)");
check("Decimal(18, 2)", { "12": "12", "-7": "-7" }, "Int64");
check("Decimal(9, 2)", { "1.23456": BROKEN, "1.2300": "1.23", "-0.001": BROKEN }, "String");
check("Decimal(9, 2)", { "1.239": BROKEN, "1.230": "1.23" }, "LowCardinality(String)");
check("Decimal(9, 2)", { "1.239": BROKEN, "1.230": "1.23" }, "Decimal(76, 3)");

test("every spelling of a decimal type keeps all digits or breaks", async () => {
  for (const type of ["Decimal", "decimal", "NUMERIC", "DEC", "FIXED", "Decimal(10)", "Nullable(Numeric)"])
    expect([type, await cast(type, ["1.5", "7.0", "12345678901"], "Nullable(String)", engineName)]).toEqual([
      type,
      [BROKEN, "7", BROKEN],
    ]);
  for (const type of [
    "Decimal32(2)",
    "Decimal64(2)",
    "Decimal128(2)",
    "Decimal256(2)",
    "DEC(9, 2)",
    "FIXED(9,2)",
  ])
    expect([type, await cast(type, ["1.239", "1.230"], "String", engineName)]).toEqual([
      type,
      [BROKEN, "1.23"],
    ]);
});

check("Array(Decimal(9, 2))", { "[1.239]": BROKEN, "[1.230,7]": "[1.23,7]", "[]": "[]" });
check("Array(Nullable(Decimal(9, 2)))", { "[NULL,1.239]": BROKEN, "[NULL,1.23]": "[NULL,1.23]" });
check("Array(Decimal(9, 2))", { "[1.239]": BROKEN, "[1.230]": "[1.23]" }, "Array(Decimal(9, 3))");
check("Array(Map(String, Decimal(9, 2)))", { "[{'a':1.239}]": BROKEN, "[{'a':1.2}]": "[{'a':1.2}]" });
check("Tuple(Decimal(9, 2), Enum8('Decimal' = 1))", {
  "(1.239,'Decimal')": BROKEN,
  "(1.2,'Decimal')": "(1.2,'Decimal')",
});
check("Array(Decimal(9, 2))", { "[1.15]": "[1.15]", "[1.155]": BROKEN }, "Array(Float64)");
check("Array(String)", { "['Decimal']": "['Decimal']" });
check("Int32", {
  "12": "12",
  "+12": "12",
  "-2147483648": "-2147483648",
  "2147483648": BROKEN,
  "12.0": BROKEN,
  "1e3": BROKEN,
  "": BROKEN,
  x: BROKEN,
});
check("UInt8", { "255": "255", "256": BROKEN, "-1": BROKEN }, "Int64");
check("Int32", { "12.50": BROKEN, "12.00": "12" }, "Decimal(10, 2)");
check("Float64", { "1.5": "1.5", "1e3": "1000", "1.5x": BROKEN });
check("Bool", { true: "true", YES: "true", "0": "false", " n ": "false", maybe: BROKEN, "2": BROKEN });
check("Nullable(Bool)", { true: "true", "": null, "-": BROKEN });
check("Bool", { true: "true", false: "false" }, "Bool");
check("Bool", { "1": "true", "0": "false", "2": BROKEN }, "UInt8");
check("UUID", {
  "61f0c404-5cb3-11e7-907b-a6006ad3dba0": "61f0c404-5cb3-11e7-907b-a6006ad3dba0",
  abc: BROKEN,
});
check("Enum8('new' = 1, 'it\\'s' = 2)", { new: "new", "it's": "it's", old: BROKEN, "": BROKEN });
check("String", { " a ": " a ", "": "" });
check("Nullable(String)", { " a ": " a ", "": null, " ": null });
check("LowCardinality(String)", { a: "a", "": "" });
check("LowCardinality(Nullable(String))", { a: "a", "": null });
check("Date", {
  "2024-01-02": "2024-01-02",
  "2024/1/2": "2024-01-02",
  "20240102": "2024-01-02",
  "2024-01-02 00:00:00": "2024-01-02",
  "12 Jan 2024": "2024-01-12",
  "2024-02-30": BROKEN,
  "2024-13-01": BROKEN,
  "1969-12-31": BROKEN,
  "2149-06-06": "2149-06-06",
  "2149-06-07": BROKEN,
  "0000-00-00": BROKEN,
  "10:00": BROKEN,
  "5": BROKEN,
  "16/09/2024": "2024-09-16",
  "09/16/2024": "2024-09-16",
  "03/03/2024": "2024-03-03",
  "03/04/2024": BROKEN,
});
check("Date32", { "1900-01-01": "1900-01-01", "2299-12-31": "2299-12-31", "1899-12-31": BROKEN });
check("DateTime", {
  "2024-01-02 10:00:00": "2024-01-02 10:00:00",
  "2024-01-02T10:00:00Z": "2024-01-02 10:00:00",
  "2024-01-02T10:00:00+02:00": "2024-01-02 08:00:00",
  "1726486200": "2024-09-16 11:30:00",
  "1950-01-01 00:00:00": BROKEN,
  "2107-01-01 00:00:00": BROKEN,
  "2024-01-02 25:00:00": BROKEN,
  "2024-01-02 10:61:00": BROKEN,
});
check("DateTime64(3, 'UTC')", {
  "1726486200": "2024-09-16 11:30:00.000",
  "1726486200123": "2024-09-16 11:30:00.123",
  "1726486200123456": "2024-09-16 11:30:00.123",
  "09-16-2024 11:30:00": "2024-09-16 11:30:00.000",
  "09/16/2024 11:30 AM": "2024-09-16 11:30:00.000",
  "2024-01-02 10:00:00.5": "2024-01-02 10:00:00.500",
  "12345": BROKEN,
  "2024": BROKEN,
  "": BROKEN,
});
check("Nullable(DateTime64(9))", {
  "2024-01-02 10:00:00.123456789": "2024-01-02 10:00:00.123456789",
  "2290-01-01 00:00:00": BROKEN,
  "": null,
});
check(
  "DateTime",
  { "2024-01-02 10:00:00": "2024-01-02 10:00:00", "2250-01-01 00:00:00": BROKEN },
  "DateTime64(3)",
);
check("Date", { "2024-01-02": "2024-01-02", "2250-01-01": BROKEN }, "Date32");
check("DateTime", { "1726486200": "2024-09-16 11:30:00", "12": BROKEN }, "Int64");

test("NULL breaks a type that is not Nullable", async () => {
  for (const type of ["Int32", "String", "Decimal(9, 2)", "Date", "DateTime"])
    expect(await cast(type, [null])).toEqual([BROKEN]);
  for (const type of ["Nullable(Int32)", "Nullable(String)", "Nullable(Decimal(9, 2))", "Nullable(Date)"])
    expect(await cast(type, [null])).toEqual([null]);
});

test("a date that can be read in two ways is told apart from a wrong one", async () => {
  const given = ["03/04/2024", "16/09/2024", "03/03/2024", "x", "2024-01-02"];
  const { steps, ambiguous } = castTo("x", "Nullable(Date)", "x");
  const rows = await t.engine.rows<{ a: number }>(
    `${withAliases(steps)}SELECT toUInt8(${ambiguous}) AS a FROM (SELECT arrayJoin([${given.map(text).join(", ")}]) AS x)`,
  );
  expect(rows.map((row) => row.a)).toEqual([1, 0, 0, 0, 0]);
});
