/** The S3 server and the foreign readers of scripts/services.sh; absent ones are named, and required in CI. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { AwsClient } from "aws4fetch";

const script = fileURLToPath(new URL("../../scripts/services.sh", import.meta.url));

/** True when there. Absent: prints why tests are skipped, or throws in CI. */
export function hasService(what: "s3" | "readers"): boolean {
  try {
    execFileSync(script, ["check", what], { stdio: "ignore" });
    return true;
  } catch {
    const reason = `not installed: run scripts/services.sh install ${what}`;
    if (process.env["CI"] === "true") throw new Error(reason);
    process.stderr.write(`skipped tests with ${what}: ${reason}\n`);
    return false;
  }
}

export function servicePath(what: "python" | "jars"): string {
  return execFileSync(script, [what], { encoding: "utf8" }).trim();
}

export interface TestS3 {
  /** "http://127.0.0.1:1234" */
  readonly endpoint: string;
  /** A new bucket. */
  makeBucket(name: string): Promise<void>;
  stop(): Promise<void>;
}

export const s3Keys = { id: "testkey", secret: "testsecret" };

/** What the store and the engine take for a key. */
export function secret(value: string): { reveal(): string } {
  return { reveal: () => value };
}

export async function startS3(): Promise<TestS3> {
  const folder = await mkdtemp(join(tmpdir(), "shoplake-s3-"));
  const child = spawn(script, ["s3", folder], { stdio: ["ignore", "pipe", "inherit"] });
  const endpoint = await firstLine(child);
  const client = new AwsClient({
    accessKeyId: s3Keys.id,
    secretAccessKey: s3Keys.secret,
    region: "us-east-1",
    service: "s3",
    retries: 0,
  });
  for (let tries = 0; ; tries++) {
    const up = await client.fetch(endpoint).catch(() => undefined);
    await up?.body?.cancel();
    if (up?.ok) break;
    if (tries > 100) throw new Error(`the S3 server at ${endpoint} does not answer`);
    await sleep(50);
  }
  return {
    endpoint,
    async makeBucket(name) {
      const made = await client.fetch(`${endpoint}/${name}`, { method: "PUT" });
      if (!made.ok) throw new Error(`bucket ${name}: ${made.status} ${await made.text()}`);
    },
    async stop() {
      const ended = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}

function firstLine(child: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    if (child.stdout === null) throw new Error("unreachable");
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (code) => reject(new Error(`the S3 server ended with ${code}`)));
  });
}
