/**
 * A limit on how much goes on at once in one process. Who waits is let in by priority, then by who has least (a run of one task
 * does not wait behind a run of a hundred), then first come, first served.
 */
import { interruption, waitOrAbort } from "./wait.ts";

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

const name = "a free slot";

interface Waiting {
  readonly request: SlotRequest;
  readonly letIn: () => void;
}

/** At most `limit` work at once. */
export function createSlots(limit: number): Slots {
  const room = openRoom(limit);
  return {
    busy: room.busy,
    slot(request) {
      const { signal } = request;
      let inside = false;
      const leave = (): void => {
        if (!inside) return;
        inside = false;
        room.leave(request);
      };
      const enter = async (): Promise<void> => {
        if (inside) return;
        signal.throwIfAborted();
        const { turn, giveUp } = room.queue(request, () => {
          inside = true;
        });
        try {
          await waitOrAbort(turn, { name, signal, timeoutMs: patience });
          if (signal.aborted) throw interruption(signal, name);
        } catch (error) {
          giveUp();
          leave();
          throw error;
        }
      };
      return { enter, leave };
    },
  };
}

/** Places and the line before them. */
interface Room {
  busy(): number;
  /** `letIn` is called the moment a place is given; `turn` ends then. */
  queue(
    request: SlotRequest,
    letIn: () => void,
  ): { readonly turn: Promise<void>; readonly giveUp: () => void };
  leave(request: SlotRequest): void;
}

function openRoom(limit: number): Room {
  const line: Waiting[] = [];
  const inside: SlotRequest[] = [];
  const held = ({ of }: SlotRequest): number => inside.filter((request) => request.of === of).length;
  const isBefore = (a: SlotRequest, b: SlotRequest): boolean => {
    const [first, second] = [a.priority ?? 0, b.priority ?? 0];
    return first === second ? held(a) < held(b) : first > second;
  };
  const letIn = (): void => {
    while (inside.length < limit && line.length > 0) {
      const next = line.reduce((best, one) => (isBefore(one.request, best.request) ? one : best));
      line.splice(line.indexOf(next), 1);
      inside.push(next.request);
      next.letIn();
    }
  };
  return {
    busy: () => inside.length,
    queue(request, onEntry) {
      let tell = (): void => undefined;
      const turn = new Promise<void>((resolve) => {
        tell = resolve;
      });
      const me: Waiting = {
        request,
        letIn: () => {
          onEntry();
          tell();
        },
      };
      line.push(me);
      letIn();
      return { turn, giveUp: () => remove(line, me) };
    },
    leave(request) {
      remove(inside, request);
      letIn();
    },
  };
}

function remove<T>(list: T[], one: T): void {
  const place = list.indexOf(one);
  if (place >= 0) list.splice(place, 1);
}
