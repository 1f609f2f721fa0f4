/** A project in a folder of its own, worked on with the built command only, as its owner does. */
import { spawn } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect } from "vitest";
import type { RunReport, TaskReport } from "../../src/pipeline/index.ts";
import { type Finished, main } from "../cli/process.ts";
import { writeSmallShop } from "../cli/small-shop.ts";

/** A busy machine is no fault. */
const patience = 240_000;

export interface Ran extends Finished {
  readonly report: RunReport;
  /** What the run said on the way: the messages of its warnings. */
  readonly warnings: readonly string[];
  task(dataset: string): TaskReport;
}

export interface Started {
  readonly pid: number;
  readonly ended: Promise<Finished>;
  /** Resolves when it has printed this; rejects when it ended without. */
  says(pattern: RegExp): Promise<void>;
}

export interface FaultShop {
  readonly dir: string;
  /** Writes files of the project; undefined removes one. */
  put(files: Readonly<Record<string, string | Uint8Array | undefined>>): void;
  /** Any command; everything it printed is kept for `everything`. */
  cli(...args: readonly string[]): Promise<Finished>;
  /** The same without waiting for its end. */
  start(...args: readonly string[]): Started;
  /** `run --json` with its report. */
  run(...args: readonly string[]): Promise<Ran>;
  /** The rows of a SELECT. */
  query(sql: string): Promise<readonly Record<string, unknown>[]>;
  stop(): void;
  /** All that was printed, and all files under .shoplake. */
  everything(): readonly { readonly name: string; readonly bytes: Buffer }[];
}

export function faultShop(
  files: Readonly<Record<string, string | undefined>>,
  env: Readonly<Record<string, string>> = {},
): FaultShop {
  const { dir, remove } = writeSmallShop(files);
  const printed: { name: string; bytes: Buffer }[] = [];
  const start = (...args: readonly string[]): Started => {
    const started = startProcess(args, dir, env);
    const keep = ({ stdout, stderr }: Finished) =>
      printed.push({ name: `output of shoplake ${args.join(" ")}`, bytes: Buffer.from(stdout + stderr) });
    started.ended.then(keep, () => {});
    return started;
  };
  const cli = (...args: readonly string[]): Promise<Finished> => start(...args).ended;
  return {
    dir,
    cli,
    start,
    put(changes) {
      for (const [name, content] of Object.entries(changes)) {
        mkdirSync(dirname(join(dir, name)), { recursive: true });
        if (content === undefined) rmSync(join(dir, name));
        else writeFileSync(join(dir, name), content);
      }
    },
    run: async (...args) => reported(await cli("run", ...args, "--json")),
    async query(sql) {
      const done = await cli("query", sql, "--json");
      expect(done.stderr).toBe("");
      return (
        (JSON.parse(done.stdout) as { rows?: Record<string, unknown>[] }).rows ?? JSON.parse(done.stdout)
      );
    },
    stop: remove,
    everything: () => [...printed, ...filesUnder(join(dir, ".shoplake"))],
  };
}

function startProcess(args: readonly string[], cwd: string, env: Readonly<Record<string, string>>): Started {
  const child = spawn(process.execPath, [main, ...args], {
    cwd,
    env: { PATH: process.env["PATH"], HOME: process.env["HOME"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
    timeout: patience,
    killSignal: "SIGKILL",
  });
  const done = { stdout: "", stderr: "" };
  const heard = new Set<() => void>();
  for (const stream of ["stdout", "stderr"] as const)
    child[stream].on("data", (chunk: Buffer) => {
      done[stream] += chunk;
      for (const listener of heard) listener();
    });
  const ended = new Promise<Finished>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, ...done }));
  });
  return {
    pid: child.pid ?? 0,
    ended,
    says: (pattern) =>
      new Promise((resolve, reject) => {
        const listener = (): void => {
          if (pattern.test(done.stdout + done.stderr)) resolve();
        };
        heard.add(listener);
        listener();
        ended.then(() => reject(new Error(`never said ${pattern}: ${done.stdout}${done.stderr}`)), reject);
      }),
  };
}

export function reported(done: Finished): Ran {
  const events = done.stdout
    .split("\n")
    .filter((line) => line.startsWith("{"))
    .map((line) => JSON.parse(line) as { event?: string; report?: RunReport; message?: string });
  const report = events.find(({ event }) => event === "report")?.report;
  if (report === undefined) throw new Error(`no report: ${done.code} ${done.stdout} ${done.stderr}`);
  return {
    ...done,
    report,
    warnings: events.filter(({ event }) => event === "task.warning").map(({ message }) => message ?? ""),
    task(dataset) {
      const found = report.tasks.find((task) => task.dataset === dataset);
      if (found === undefined) throw new Error(`the run had no task ${dataset}`);
      return found;
    },
  };
}

/** "silver.orders failed full" for every task. */
export function outcomes({ report }: Ran): Readonly<Record<string, string>> {
  return Object.fromEntries(report.tasks.map((task) => [task.dataset, `${task.state} ${task.action}`]));
}

/** What went wrong: dataset and error of every task that did not succeed. */
export function failures({ report }: Ran): readonly unknown[] {
  return report.tasks
    .filter(({ state }) => state !== "success")
    .map(({ dataset, state, error }) => [dataset, state, error]);
}

/** Every published version, by dataset. */
export function versions({ report }: Ran): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(report.tasks.map((task) => [task.dataset, task.version]));
}

/** read = published + rejected + deduplicated, for every task. */
export function expectReconciled({ report }: Ran): void {
  for (const { dataset, counts } of report.tasks)
    expect([dataset, counts.read]).toEqual([
      dataset,
      counts.published + counts.rejected + counts.deduplicated,
    ]);
}

function filesUnder(folder: string): { name: string; bytes: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => {
      const name = join(entry.parentPath, entry.name);
      return { name, bytes: readFileSync(name) };
    });
}
