/** Real shells with our completion loaded, asked what they would offer after a command line. */
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const script = (name: string) => fileURLToPath(new URL(name, import.meta.url));

export interface Shell {
  readonly name: "bash" | "zsh" | "fish";
  /** For each line, what is offered when TAB is pressed at its end, sorted; `dir` holds completion.<shell>. */
  offer(dir: string, lines: readonly string[]): readonly (readonly string[])[];
}

export const shells: readonly Shell[] = [
  {
    name: "bash",
    offer: (dir, lines) => answers("bash", ["--norc", "--noprofile", script("offer.bash")], dir, lines),
  },
  { name: "zsh", offer: (dir, lines) => answers("zsh", ["-f", script("offer.zsh")], dir, lines) },
  { name: "fish", offer: (dir, lines) => answers("fish", ["--no-config", script("offer.fish")], dir, lines) },
];

/** True when the shell is there. Absent: prints why its tests are skipped, or throws in CI. */
export function hasShell(name: string): boolean {
  try {
    execFileSync(name, ["-c", "exit 0"], { stdio: "ignore" });
    return true;
  } catch {
    const reason = `${name} is not installed: run scripts/services.sh install shells`;
    if (process.env["CI"] === "true") throw new Error(reason);
    process.stderr.write(`skipped tests with ${name}: ${reason}\n`);
    return false;
  }
}

/** Each script prints what is offered, a word per line, and a line "end" after every command line. */
function answers(shell: string, args: readonly string[], dir: string, lines: readonly string[]) {
  const out = execFileSync(shell, [...args, ...lines], {
    cwd: dir,
    encoding: "utf8",
    env: { PATH: process.env["PATH"], HOME: dir, TERM: "dumb", LC_ALL: "C" },
    timeout: 60_000,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const offered = out.split("\n");
  return lines.map(() => [...new Set(offered.splice(0, offered.indexOf("end") + 1).slice(0, -1))].sort());
}

export const scriptFile = (dir: string, shell: string) => join(dir, `completion.${shell}`);
