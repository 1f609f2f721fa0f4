/** Every wait has a name, a signal and a bound. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { ShoplakeError } from "../../src/util/errors.ts";
import { pause, waitOrAbort } from "../../src/util/wait.ts";

const never = new Promise<never>(() => undefined);
const name = "the lease of silver.orders";

describe("waitOrAbort", () => {
  it("gives the result, or throws what the work throws", async () => {
    expect(await waitOrAbort(Promise.resolve(1), { name, timeoutMs: 1000 })).toBe(1);
    const failing = waitOrAbort(Promise.reject(new Error("no")), { name, timeoutMs: 1000 });
    await expect(failing).rejects.toThrow("no");
  });

  it("ends at its bound, saying what was waited for", async () => {
    await expect(waitOrAbort(never, { name, timeoutMs: 20 })).rejects.toMatchObject({
      code: "io",
      retryable: true,
      message: "gave up waiting for the lease of silver.orders after 0.02 s",
    });
  });

  it("ends with its signal: now, or when it was aborted before", async () => {
    const stop = new AbortController();
    const waiting = waitOrAbort(never, { name, signal: stop.signal, timeoutMs: 60_000 });
    stop.abort(new ShoplakeError("interrupted", "enough"));
    await expect(waiting).rejects.toMatchObject({ code: "interrupted", message: "enough" });
    await expect(waitOrAbort(never, { name, signal: stop.signal, timeoutMs: 60_000 })).rejects.toThrow(
      "enough",
    );
    const other = AbortSignal.abort();
    await expect(waitOrAbort(never, { name, signal: other, timeoutMs: 60_000 })).rejects.toMatchObject({
      code: "interrupted",
      details: { where: `while waiting for ${name}` },
    });
  });

  it("leaves no rejection that nobody handles", async () => {
    const seen: unknown[] = [];
    const listener = (reason: unknown) => seen.push(reason);
    process.on("unhandledRejection", listener);
    const late = new Promise<never>((_, reject) => setTimeout(() => reject(new Error("late")), 30));
    await expect(waitOrAbort(late, { name, timeoutMs: 5 })).rejects.toThrow("gave up");
    const stop = new AbortController();
    await waitOrAbort(Promise.resolve(), { name, signal: stop.signal, timeoutMs: 20 });
    stop.abort();
    await new Promise((resolve) => setTimeout(resolve, 60));
    process.off("unhandledRejection", listener);
    expect(seen).toEqual([]);
  });
});

it("pause ends with its signal", async () => {
  const stop = new AbortController();
  const started = performance.now();
  const waiting = pause(60_000, { name, signal: stop.signal });
  stop.abort(new ShoplakeError("interrupted", "enough"));
  await expect(waiting).rejects.toThrow("enough");
  expect(performance.now() - started).toBeLessThan(1000);
});

/** Where time is waited for without src/util/wait.ts, with the reason. */
const ownWaits: Readonly<Record<string, string>> = {
  "util/wait.ts": "the helper itself",
  "state/insert-buffer.ts": "a timer that nobody waits for: writes what was collected",
  "state/lease.ts": "waits for a lease with a signal, a bound and a name of its own",
  "state/lease-hold.ts": "tries a failed release again in the background, with a bound",
  "engine/start.ts": "the engine's own process: bounded by its patience",
  "lake/delta/commit.ts":
    "five short pauses between attempts of one atomic call, which must not be given up half-way",
  "lake/store/s3-client.ts": "three short pauses between attempts of one call",
};

it("nothing in src waits in a way of its own, without a reason", () => {
  const src = join(import.meta.dirname, "../../src");
  const files = readdirSync(src, { recursive: true, encoding: "utf8" }).filter((file) =>
    file.endsWith(".ts"),
  );
  const waiting = files.filter(
    (file) =>
      !file.startsWith("engine/embedded/") &&
      /timers\/promises|\bsetTimeout\(/.test(readFileSync(join(src, file), "utf8")),
  );
  expect(waiting.map((file) => relative(".", file)).sort()).toEqual(Object.keys(ownWaits).sort());
});
