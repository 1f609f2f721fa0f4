/** Tells processes of one machine apart, also when a process id was given out again. */
import { readFileSync, readlinkSync } from "node:fs";
import { hostname } from "node:os";
import { isAlive } from "../util/is-alive.ts";

/** Where and what a process is; texts that are only compared for equality. */
export interface ProcessIdentity {
  /** Process id within its pid namespace. */
  readonly pid: number;
  /** Machine, boot and pid namespace: only within one of them a process id means anything. */
  readonly machine: string;
  /** Start of the process in clock ticks since boot; "" where the system does not tell (not Linux). */
  readonly start: string;
}

/** The identity of a living process of this machine; default: of this one. */
export function identityOf(pid: number = process.pid): ProcessIdentity {
  return { pid, machine: machineId(), start: startOf(pid) ?? "" };
}

/**
 * "dead": no process has this id, or one that started at another time has it. "unknown": it belongs to another machine.
 * Without start times (not Linux) a living process of the same id counts as alive.
 */
export function lifeOfProcess(identity: ProcessIdentity): "alive" | "dead" | "unknown" {
  if (identity.machine !== machineId()) return "unknown";
  if (!isAlive(identity.pid)) return "dead";
  const start = startOf(identity.pid);
  if (start === undefined || identity.start === "") return "alive";
  return start === identity.start ? "alive" : "dead";
}

/** True when both name one life of one process. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.pid === b.pid && a.machine === b.machine && a.start === b.start;
}

/** Field 22 of /proc/<pid>/stat (proc(5)); undefined when the process is gone, a zombie, or there is no /proc. */
function startOf(pid: number): string | undefined {
  const stat = readText(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return fields[0] === "Z" ? `zombie of ${fields[19]}` : fields[19];
}

function machineId(): string {
  const boot = readText("/proc/sys/kernel/random/boot_id")?.trim() ?? "";
  return [hostname(), boot, pidNamespace()].join("/");
}

function pidNamespace(): string {
  try {
    return readlinkSync("/proc/self/ns/pid");
  } catch {
    return "";
  }
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}
