import fc from "fast-check";
import { expect, it } from "vitest";
import { createSlots, PASSES } from "../../src/engine/embedded/slots.ts";
import type { Lane } from "../../src/engine/lane.ts";

const never = new AbortController().signal;
const turn = () => new Promise((resolve) => setImmediate(resolve));

/** Slots whose turns are noted: `ask` takes a place in the queue, `end` gives back the slot of that statement. */
function watched(slots: number, queue = 100) {
  const all = createSlots({ slots, queue, queueMs: 60_000 });
  const begun: string[] = [];
  const held = new Map<string, number>();
  return {
    begun,
    ask: (lane: Lane, name: string) =>
      all.acquire(lane, never).then((slot) => {
        begun.push(name);
        held.set(name, slot);
      }),
    async end(name: string) {
      all.release(held.get(name) ?? -1);
      await turn();
    },
    running: all.running,
  };
}

it("interactive statements go before loads, and a load waits for so many at most", async () => {
  const { ask, end, begun } = watched(1);
  void ask("load", "first");
  for (const name of ["l1", "l2"]) void ask("load", name);
  for (let i = 0; i < 7; i++) void ask("interactive", `i${i}`);
  await turn();
  while (begun.length < 10) await end(begun.at(-1) ?? "");
  expect(begun).toEqual(["first", "i0", "i1", "i2", "i3", "l1", "i4", "i5", "i6", "l2"]);
  expect(PASSES).toBe(4);
});

it("loads never hold all slots of an engine that has four", async () => {
  const { ask, begun } = watched(4);
  for (let i = 0; i < 6; i++) void ask("load", `l${i}`);
  await turn();
  expect(begun).toEqual(["l0", "l1", "l2"]);
  void ask("interactive", "person");
  await turn();
  expect(begun.at(-1)).toBe("person");
});

it("beyond the queue, and after the client has gone, there is no turn", async () => {
  const slots = createSlots({ slots: 1, queue: 1, queueMs: 60_000 });
  const slot = await slots.acquire("load", never);
  const gone = new AbortController();
  const waiting = slots.acquire("interactive", gone.signal);
  await expect(slots.acquire("interactive", never)).rejects.toThrow("Too many simultaneous queries");
  gone.abort();
  await expect(waiting).rejects.toThrow("Client disconnected");
  slots.release(slot);
  expect(slots.running()).toBe(0);
  expect(await slots.acquire("load", never)).toBe(slot);
});

it("whatever comes and goes: each statement has one turn, no slot is given twice, in order within a lane", async () => {
  const lane = fc.constantFrom<Lane>("load", "interactive");
  const arrivals = fc.array(fc.record({ lane, ends: fc.nat(3) }), { maxLength: 60 });
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 6 }), arrivals, async (count, list) => {
      const slots = createSlots({ slots: count, queue: 1000, queueMs: 60_000 });
      const held = new Set<number>();
      const begun: Record<Lane, number[]> = { load: [], interactive: [] };
      const give = () => {
        const slot = [...held][0];
        if (slot === undefined) return;
        held.delete(slot);
        slots.release(slot);
      };
      for (const [i, { lane: of, ends }] of list.entries()) {
        void slots.acquire(of, never).then((slot) => {
          expect(held.has(slot)).toBe(false);
          held.add(slot);
          begun[of].push(i);
        });
        for (let n = 0; n < ends; n++) give();
        await turn();
        expect(slots.running()).toBe(held.size);
        expect(held.size).toBeLessThanOrEqual(count);
      }
      for (let n = 0; n < list.length; n++) {
        give();
        await turn();
      }
      expect(begun.load.length + begun.interactive.length).toBe(list.length);
      for (const order of Object.values(begun)) expect(order).toEqual([...order].sort((a, b) => a - b));
    }),
    { numRuns: 50 },
  );
});
