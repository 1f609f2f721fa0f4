/** How processes of one project find its running engine: a file in the state folder. */
import { randomUUID } from "node:crypto";
import { readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { writePrivateFile } from "../util/private-files.ts";

/** The running engine. The file is readable by its owner only: the token opens everything. */
export interface EngineAddress {
  /** Process id of the engine. */
  readonly pid: number;
  /** "http://127.0.0.1:45123" */
  readonly url: string;
  /** Password of the user `default`; another one with every start. */
  readonly token: string;
  /** Version text of ClickHouse, e.g. "26.7.2.1". */
  readonly version: string;
  /** Id of this life of the engine, another one with every start: what was in memory before is gone. */
  readonly instance: string;
}

/** The file in the state folder that holds the address of the running engine. */
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
  await writePrivateFile(temporary, `${JSON.stringify(address)}\n`);
  await rename(temporary, addressFile(stateDir));
}

/** Removes the file if it still names this engine. */
export async function removeAddress(stateDir: string, pid: number): Promise<void> {
  if ((await readAddress(stateDir))?.pid === pid) await rm(addressFile(stateDir), { force: true });
}

function isAddress(value: unknown): value is EngineAddress {
  if (typeof value !== "object" || value === null) return false;
  const { pid, url, token, version, instance } = value as Partial<Record<keyof EngineAddress, unknown>>;
  return (
    typeof pid === "number" &&
    typeof url === "string" &&
    typeof token === "string" &&
    typeof version === "string" &&
    typeof instance === "string"
  );
}
