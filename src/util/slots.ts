/**
 * A limit on how much goes on at once in one process. Who waits is let in by priority, then by who has least (a run of one task
 * does not stand behind a run of a hundred), then first come, first served.
 */
import { waitOrAbort } from "./wait.ts";

/** Who wants a slot. */
export interface SlotRequest {
  /** Slots are shared out evenly between these: the id of a run. */
  readonly of: string;
  /** Greater goes first. Default 0. */
  readonly priority?: number;
  /** Ends the waiting. */
  readonly signal: AbortSignal;
}

/** The right to work, which can be left for a while. */
export interface Slot {
  /** Waits for a free place; does nothing inside. Throws the signal's reason or `interrupted` when it is aborted meanwhile. */
  enter(): Promise<void>;
  /** Makes room for another; does nothing outside. */
  leave(): void;
}

/** The limit itself. */
export interface Slots {
  /** A slot, not entered yet. */
  slot(request: SlotRequest): Slot;
  /** How many work now. */
  busy(): number;
}

/** A day: a bound for what has no other. Work that others wait for has bounds of its own. */
const patience = 24 * 3_600_000;

interface Waiting {
  readonly request: SlotRequest;
  readonly letIn: () => void;
}

function inLine(request: SlotRequest): { readonly me: Waiting; readonly turn: Promise<void> } {
  let letIn = (): void => undefined;
  const turn = new Promise<void>((resolve) => {
    letIn = resolve;
  });
  return { me: { request, letIn }, turn };
}

/** At most `limit` work at once. */
export function createSlots(limit: number): Slots {
  const waiting: Waiting[] = [];
  const inside = new Map<string, number>();
  let busy = 0;

  const count = (of: string, change: 1 | -1): void => {
    busy += change;
    const left = (inside.get(of) ?? 0) + change;
    if (left === 0) inside.delete(of);
    else inside.set(of, left);
  };
  const isBefore = (a: Waiting, b: Waiting): boolean => {
    const [pa, pb] = [a.request.priority ?? 0, b.request.priority ?? 0];
    if (pa !== pb) return pa > pb;
    return (inside.get(a.request.of) ?? 0) < (inside.get(b.request.of) ?? 0);
  };
  const letIn = (): void => {
    while (busy < limit && waiting.length > 0) {
      const next = waiting.reduce((best, one) => (isBefore(one, best) ? one : best));
      waiting.splice(waiting.indexOf(next), 1);
      count(next.request.of, 1);
      next.letIn();
    }
  };

  return {
    busy: () => busy,
    slot(request) {
      let entered = false;
      return {
        async enter() {
          if (entered) return;
          request.signal.throwIfAborted();
          const { me, turn } = inLine(request);
          waiting.push(me);
          letIn();
          const wait = { name: "a free slot", signal: request.signal, timeoutMs: patience };
          await waitOrAbort(turn, wait).catch((error: unknown) => {
            const place = waiting.indexOf(me);
            if (place >= 0) waiting.splice(place, 1);
            else count(request.of, -1);
            letIn();
            throw error;
          });
          entered = true;
        },
        leave() {
          if (!entered) return;
          entered = false;
          count(request.of, -1);
          letIn();
        },
      };
    },
  };
}
