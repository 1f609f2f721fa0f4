import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { projectSchema } from "../../src/project/config-schema.ts";
import { modelHeader, modelParameters } from "../../src/project/model-file.ts";
import { options as filesSource } from "../../src/sources/files/options.ts";
import { options as postgresSource } from "../../src/sources/postgres/options.ts";

const page = readFileSync("docs/project.md", "utf8");

/** Names in backticks in the first column of the table below a heading. */
function firstColumn(heading: string): string[] {
  const section = page.split(`\n## ${heading}\n`)[1]?.split("\n## ")[0] ?? "";
  const rows = section.split("\n").filter((line) => line.startsWith("| `"));
  return rows.flatMap((row) =>
    [...(row.split("|")[1] ?? "").matchAll(/`(\w+)`/g)].map((match) => match[1] ?? ""),
  );
}

test("the page names every key of the configuration and of a model's header", () => {
  expect(firstColumn("shoplake.config.ts").sort()).toEqual(Object.keys(projectSchema.shape).sort());
  expect(firstColumn("Models").sort()).toEqual(Object.keys(modelHeader.shape).sort());
});

test("the page names every option of a source", () => {
  const table = postgresSource.shape.tables.def.valueType;
  const names = [filesSource.def.in, postgresSource].flatMap((schema) => Object.keys(schema.shape));
  for (const name of [...names, ...Object.keys(table.shape)])
    expect(page).toMatch(new RegExp(`\\b${name}\\b`));
});

test("the page names every parameter of models", () => {
  for (const name of modelParameters) expect(page).toContain(`{${name}:`);
});
