// CPU seconds and peak memory of whole process trees, from /proc (Linux).
import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

const ticksPerSecond = 100;

/** CPU seconds that a living process has used itself; with `children`, also its ended children. */
export function cpuOf(pid, children = false) {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const ticks = fields.slice(11, children ? 15 : 13).reduce((sum, field) => sum + Number(field), 0);
  return ticks / ticksPerSecond;
}

/** Runs a command to its end: CPU seconds of it and all its descendants, wall seconds, peak memory of all together in MB. */
export async function measure(command, args, options = {}) {
  const before = cpuOf("self", true) - cpuOf("self");
  const start = performance.now();
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], ...options });
  let output = "";
  child.stdout.on("data", (data) => (output += data));
  child.stderr.on("data", (data) => (output += data));
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, memoryOf(child.pid))), 50);
  const code = await new Promise((resolve) => child.on("close", resolve));
  clearInterval(timer);
  if (code !== 0 && !options.mayFail)
    throw new Error(`${command} ${args.join(" ")} ended with ${code}:\n${output}`);
  const cpu = cpuOf("self", true) - cpuOf("self") - before;
  return {
    cpu: round(cpu),
    wall: round((performance.now() - start) / 1000),
    memoryMb: Math.round(peak),
    output,
  };
}

/** CPU seconds of a living process, its living descendants and all that have ended. */
export function cpuOfTree(root) {
  return [...processesOf(root).keys()].reduce((sum, pid) => sum + (quietly(() => cpuOf(pid, true)) ?? 0), 0);
}

/** Resident memory of a process and all its descendants, MB. */
export function memoryOf(root) {
  return [...processesOf(root).values()].reduce((sum, megabytes) => sum + megabytes, 0);
}

/** A process and its living descendants: id -> resident MB. */
function processesOf(root) {
  const parents = new Map();
  const resident = new Map();
  for (const entry of readdirSync("/proc")) {
    if (!/^\d+$/.test(entry)) continue;
    const status = quietly(() => readFileSync(`/proc/${entry}/status`, "utf8"));
    if (status === undefined) continue;
    parents.set(Number(entry), Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]));
    resident.set(Number(entry), Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1] ?? 0) / 1024);
  }
  const belongs = (pid) =>
    pid === root || (parents.has(pid) && parents.get(pid) > 1 && belongs(parents.get(pid)));
  return new Map([...resident].filter(([pid]) => belongs(pid)));
}

/** A process may end while it is looked at. */
function quietly(look) {
  try {
    return look();
  } catch {
    return undefined;
  }
}

export const round = (value, digits = 2) => Math.round(value * 10 ** digits) / 10 ** digits;

export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/** One line for each figure: name, value, and the limit it is held against. */
export function print(rows) {
  const width = Math.max(...rows.map(([name]) => name.length));
  for (const [name, value, limit = ""] of rows)
    process.stdout.write(`${name.padEnd(width)}  ${String(value).padStart(10)}  ${limit}\n`);
}
