/** Completion in real shells: what each offers against what the commands are. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { CommandSpec } from "../../src/cli/command.ts";
import { commands } from "../../src/cli/registry.ts";
import { hasShell, scriptFile, shells } from "./completion/shells.ts";
import { main } from "./process.ts";
import { writeSmallShop } from "./small-shop.ts";

const globals = ["--help", "--json", "--no-color", "--project", "--quiet", "--verbose"];
const datasets = ["gold.daily_sales", "silver.orders"];
const names = commands.map(({ name }) => name);
const specs = await Promise.all(commands.map(async ({ load }) => (await load()).command));
const shop = writeSmallShop({ "inbox/2026-01-02.csv": undefined });

/** A command line up to the word that is completed, and the command. */
function paths(spec: CommandSpec, above = ""): (readonly [line: string, spec: CommandSpec])[] {
  const line = `${above}${spec.name} `;
  return [[line, spec], ...(spec.subcommands ?? []).flatMap((sub) => paths(sub, line))];
}
const all = specs.flatMap((spec) => paths(spec));

function longOptions({ options = [] }: CommandSpec): readonly string[] {
  return options.flatMap(({ flags }) => /--[\w-]+/.exec(flags)?.[0] ?? []);
}

beforeAll(() => {
  for (const { name } of shells)
    writeFileSync(
      scriptFile(shop.dir, name),
      execFileSync(process.execPath, [main, "completion", name], { encoding: "utf8" }),
    );
  mkdirSync(join(shop.dir, "empty"));
});
afterAll(() => shop.remove());

describe.each(shells)("$name", ({ name: shell, offer }) => {
  const there = hasShell(shell);
  /** What is offered after `shoplake <line>`. */
  const ask = (...lines: readonly string[]) =>
    offer(
      shop.dir,
      lines.map((line) => `shoplake ${line}`),
    );

  test.skipIf(!there)("commands", () => {
    const [first = [], ru, help, afterProject, unknown] = ask(
      "",
      "ru",
      "help li",
      "--project . con",
      "nosuch",
    );
    expect(first.filter((word) => !word.startsWith("-"))).toEqual([...names, "help"].sort());
    expect(ru).toEqual(["run", "runs"]);
    expect(help).toEqual(["lineage"]);
    expect(afterProject).toEqual(["config"]);
    expect(unknown).toEqual([]);
  });

  test.skipIf(!there)("the options of every command and subcommand, and no others", () => {
    const offered = ask(...all.map(([line]) => `${line}--`));
    const expected = all.map(([line, spec]) => [
      line,
      ...[...new Set([...globals, ...longOptions(spec)])].sort(),
    ]);
    expect(all.map(([line], index) => [line, ...(offered[index] ?? [])])).toEqual(expected);
  });

  test.skipIf(!there)("subcommands, choices and datasets, where they belong", () => {
    const lines = all.map(([line]) => line);
    const offered = ask(...lines);
    const words = offered.map((list) =>
      list.filter((word) => !word.startsWith("-") && !existsSync(join(shop.dir, word))),
    );
    const byLine = Object.fromEntries(lines.map((line, index) => [line, words[index]]));
    expect(byLine).toMatchObject({
      "run ": datasets,
      "plan ": datasets,
      "check ": datasets,
      "show ": datasets,
      "lineage ": datasets,
      "export ": datasets,
      "quarantine list ": datasets,
      "quarantine ": ["discard", "list", "replay", "show"],
      "config ": ["show"],
      "completion ": ["bash", "fish", "zsh"],
      "quarantine show ": [],
      "demo ": [],
      "doctor ": [],
      "init ": [],
    });
  });

  test.skipIf(!there)("a word in the middle: prefixes, values of options, a line with options before", () => {
    const [full, set, status, some, limit, after] = ask(
      "run --full",
      "run s",
      "quarantine list --status ",
      "quarantine list --status o",
      "show -n s",
      "run --json silver.orders gold",
    );
    expect(full).toEqual(["--full-refresh"]);
    expect(set).toEqual(["silver.orders"]);
    expect(status).toEqual(["all", "discarded", "open", "replayed"]);
    expect(some).toEqual(["open"]);
    expect(limit).toEqual([]);
    expect(after).toEqual(["gold.daily_sales"]);
  });

  test.skipIf(!there)("a file name is never run, and a folder without models offers no dataset", () => {
    const bad = [
      "silver/$(touch ran).sql",
      "silver/`touch ran`.sql",
      "silver/a b.sql",
      "gold/;touch ran;.sql",
    ];
    for (const file of bad) writeFileSync(join(shop.dir, "models", file), "SELECT 1");
    expect(ask("show s", "show g")).toEqual([["silver.orders"], ["gold.daily_sales"]]);
    expect(existsSync(join(shop.dir, "ran"))).toBe(false);
    writeFileSync(
      scriptFile(join(shop.dir, "empty"), shell),
      execFileSync(process.execPath, [main, "completion", shell], { encoding: "utf8" }),
    );
    expect(offer(join(shop.dir, "empty"), ["shoplake show s"])).toEqual([[]]);
  });
});
