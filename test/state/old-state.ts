/** The project folder that version 0.1.0 left, and what that version's commands listed of it. */
import { execFile, execFileSync } from "node:child_process";
import { mkdtemp, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { Host } from "../../src/pipeline/index.ts";

const fixtures = join(import.meta.dirname, "../fixtures");
const cli = join(import.meta.dirname, "../../dist/cli/main.js");

export interface Listing {
  /** All rows by dataset. */
  readonly datasets: Readonly<Record<string, readonly object[]>>;
  /** What `history` says, by dataset. */
  readonly history: Readonly<Record<string, readonly object[]>>;
  readonly quarantine: readonly object[];
  /** What `runs` says. */
  readonly runs: readonly { readonly runId: string; readonly state: string }[];
}

/** A copy of the old project in a folder of its own. Remove it when done. */
export async function oldProject(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "shoplake-old-"));
  execFileSync("tar", ["-xzf", join(fixtures, "state-0.1.0.tar.gz"), "-C", folder]);
  return join(folder, "state-0.1.0");
}

/** What version 0.1.0 listed. */
export async function oldListing(): Promise<Listing> {
  return JSON.parse(await readFile(join(fixtures, "state-0.1.0.json"), "utf8"));
}

const rejects =
  "SELECT id, dataset, rule, reason, raw, source_ref, key, attempts, occurrences, status FROM ops.quarantine ORDER BY id";

/** What an open project of this version shows, asked without a command. */
export async function shortListing(host: Host, old: Listing): Promise<Omit<Listing, "history">> {
  const datasets: Record<string, object[]> = {};
  for (const name of Object.keys(old.datasets))
    datasets[name] = await host.engine.rows<object>(`SELECT * FROM ${name} ORDER BY ALL`, {
      settings: { output_format_decimal_trailing_zeros: 1 },
    });
  const runs = JSON.parse(JSON.stringify(await host.state.runs.list())) as Listing["runs"];
  return { datasets, quarantine: await host.engine.rows<object>(rejects), runs };
}

/** What this version lists, by the same commands. */
export async function listingOf(dir: string, old: Listing): Promise<Listing> {
  const names = Object.keys(old.datasets);
  const each = async (ask: (name: string) => Promise<object[]>) => {
    const found: [string, object[]][] = [];
    for (const name of names) found.push([name, await ask(name)]);
    return Object.fromEntries(found);
  };
  return {
    datasets: await each((name) => listed(dir, "query", `SELECT * FROM ${name} ORDER BY ALL`)),
    history: await each(async (name) => (await listed(dir, "history", name)).map(withoutId)),
    quarantine: await listed(dir, "query", rejects),
    runs: (await listed(dir, "runs")) as unknown as Listing["runs"],
  };
}

/** Runs a command of this version with --json in the folder and gives what it printed. */
export async function listed(dir: string, ...args: readonly string[]): Promise<object[]> {
  const { stdout } = await promisify(execFile)(process.execPath, [cli, ...args, "--json"], { cwd: dir });
  return JSON.parse(stdout);
}

/** An entry of the history as release 0.1.0 told it: without the id of the version, which it did not know. */
function withoutId(entry: object): object {
  const { id: _, ...told } = entry as { readonly id?: string };
  return told;
}
