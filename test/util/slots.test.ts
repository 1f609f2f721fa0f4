/** One limit for a process: never more at once, nobody forgotten, nobody starved. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createSlots, type Slots } from "../../src/util/slots.ts";

const signal = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Asks for a slot; tells when it has it. */
function ask(slots: Slots, of: string, log: string[], priority = 0) {
  const slot = slots.slot({ of, priority, signal });
  const entered = slot.enter().then(() => void log.push(of));
  return { slot, entered };
}

describe("slots", () => {
  it("a run of one task does not stand behind a run of many", async () => {
    const slots = createSlots(2);
    const log: string[] = [];
    const many = Array.from({ length: 6 }, () => ask(slots, "many", log));
    ask(slots, "one", log);
    await turn();
    expect(log).toEqual(["many", "many"]);
    many[0]?.slot.leave();
    await turn();
    expect(log).toEqual(["many", "many", "one"]);
  });

  it("greater priority goes first", async () => {
    const slots = createSlots(1);
    const log: string[] = [];
    const first = ask(slots, "a", log);
    ask(slots, "low", log);
    ask(slots, "high", log, 5);
    first.slot.leave();
    await turn();
    expect(log).toEqual(["a", "high"]);
  });

  it("who gives up waiting leaves the line, also when it was let in at that moment", async () => {
    const slots = createSlots(1);
    const holder = slots.slot({ of: "a", signal });
    await holder.enter();
    const stop = new AbortController();
    const waiting = slots.slot({ of: "b", signal: stop.signal }).enter();
    stop.abort();
    holder.leave();
    await expect(waiting).rejects.toMatchObject({ code: "interrupted" });
    expect(slots.busy()).toBe(0);
    await slots.slot({ of: "c", signal }).enter();
    expect(slots.busy()).toBe(1);
  });

  it("never lets in more than the limit, and everybody in the end", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: 1, max: 4 }),
        fc.array(
          fc.record({ of: fc.constantFrom("a", "b", "c"), priority: fc.nat(2), leaves: fc.boolean() }),
          {
            maxLength: 30,
          },
        ),
        async (limit, tasks) => {
          const slots = createSlots(limit);
          let inside = 0;
          const work = tasks.map(async ({ of, priority, leaves }) => {
            const slot = slots.slot({ of, priority, signal });
            for (let round = 0; round < (leaves ? 2 : 1); round++) {
              await slot.enter();
              await slot.enter();
              expect(++inside).toBeLessThanOrEqual(limit);
              await turn();
              inside--;
              slot.leave();
              slot.leave();
            }
          });
          await Promise.all(work);
          expect(slots.busy()).toBe(0);
        },
      ),
      { numRuns: 30 },
    );
  });
});
