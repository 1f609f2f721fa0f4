/** How processes of one project find its running engine: a file in the state folder. */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

/** The running engine. The file is readable by its owner only: the token opens everything. */
export interface EngineAddress {
  readonly pid: number;
  /** "http://127.0.0.1:45123" */
  readonly url: string;
  readonly token: string;
  readonly version: string;
}

export function addressFile(stateDir: string): string {
  return join(stateDir, "engine.json");
}

/** Undefined when there is no such file, or none that can be used. */
export async function readAddress(stateDir: string): Promise<EngineAddress | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(addressFile(stateDir), "utf8"));
    return isAddress(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Replaces the file in one step. */
export async function writeAddress(stateDir: string, address: EngineAddress): Promise<void> {
  const temporary = `${addressFile(stateDir)}.${randomUUID()}`;
  await writeFile(temporary, `${JSON.stringify(address)}\n`, { mode: 0o600 });
  await rename(temporary, addressFile(stateDir));
}

/** Removes the file if it still speaks of this engine. */
export async function removeAddress(stateDir: string, pid: number): Promise<void> {
  if ((await readAddress(stateDir))?.pid === pid) await rm(addressFile(stateDir), { force: true });
}

function isAddress(value: unknown): value is EngineAddress {
  if (typeof value !== "object" || value === null) return false;
  const { pid, url, token, version } = value as Partial<Record<keyof EngineAddress, unknown>>;
  return (
    typeof pid === "number" &&
    typeof url === "string" &&
    typeof token === "string" &&
    typeof version === "string"
  );
}
