/** Commits a change with optimistic concurrency: create the next version, or learn who was faster and try again. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { isRetryable, ShoplakeError } from "../../util/errors.ts";
import { type Actions, commitKey, parseCommit, renderCommit } from "./actions.ts";
import { actionsOf, type CommitContext, type TableChange } from "./change.ts";
import { checkConflicts } from "./conflicts.ts";
import { type Commit, commitsAfter, type LogSource, openLog } from "./log.ts";
import { requireStaged } from "./staged-files.ts";
import { replay, type TableState } from "./state.ts";

/** Where to commit, and the clock that stamps it. */
export interface Committer extends LogSource {
  /** For messages: "silver.orders". */
  readonly dataset: string;
  /** The time of a commit, milliseconds are kept. */
  readonly clock: () => Date;
}

/** Lost races before giving up; each one means that another writer did commit. */
const maxRaces = 1000;
const maxUnknown = 6;

/** What shall be committed, worked out anew on every head it is tried on. */
export interface Proposal {
  /** The state it was worked out from. */
  readonly base: TableState | undefined;
  /** The actions on top of `head`; undefined: the table does not exist. */
  actions(head: TableState | undefined, context: CommitContext): Actions;
  /** Throws `conflict` when the proposal does not hold on a head that `winners` led to. */
  check(winners: readonly Commit[], head: TableState): void;
}

/**
 * The state after the change. Throws `conflict` (retryable), also when a data file of the change is not there any more, or an
 * `io` error whose outcome is unknown.
 */
export async function commitChange(committer: Committer, change: TableChange): Promise<TableState> {
  // A compaction would make rows unreadable that were good before: it has to be sure.
  const strict = change.dataChange === false;
  if (change.add !== undefined) await requireStaged(committer, change.add.files, strict);
  return commitProposal(committer, {
    base: change.base?.log,
    actions: (head, context) => actionsOf(change, head, context),
    check: (winners, head) => checkConflicts(change, winners, head),
  });
}

/** True for an error after which the commit may have happened: what it names has to stay. */
export function isInDoubt(error: unknown): boolean {
  return isRetryable(error) && error instanceof ShoplakeError && error.code === "io";
}

/** The state after the commit. Throws what `check` throws, `conflict` after too many lost races, `lake` on a cut log, and `io` when the outcome is unknown. */
export async function commitProposal(committer: Committer, proposal: Proposal): Promise<TableState> {
  const winners: Commit[] = [];
  let head = proposal.base;
  for (let race = 0; race < maxRaces; race++) {
    if (head !== undefined && !head.complete) throw torn(committer, head.version);
    const version = (head?.version ?? -1) + 1;
    const context = { dataset: committer.dataset, txnId: randomUUID(), now: committer.clock().getTime() };
    const actions = proposal.actions(head, context);
    if (await publish(committer, version, actions)) {
      const after = replay(head, [{ version, actions }], committer.folder);
      if (after !== undefined) return after;
    }
    head = await catchUp(committer, head, winners);
    proposal.check(winners, head);
  }
  throw new ShoplakeError("conflict", `lost ${maxRaces} races for the next version`, {
    where: committer.dataset,
    retryable: true,
  });
}

/** The new head; the commits since then are appended to `winners`. */
async function catchUp(
  committer: Committer,
  head: TableState | undefined,
  winners: Commit[],
): Promise<TableState> {
  const news = head === undefined ? [] : await commitsAfter(committer, head.version);
  winners.push(...news);
  const next = head === undefined ? await openLog(committer) : replay(head, news, committer.folder);
  if (next !== undefined && next !== head) return next;
  throw new ShoplakeError(
    "conflict",
    "the version this change started from is too old: the log after it was cleaned",
    {
      where: committer.dataset,
      hint: "run again, it starts from the newest version",
      retryable: true,
    },
  );
}

/** True: this commit is version `version`. False: another one is. An unknown outcome is resolved by reading back the txnId. */
async function publish(committer: Committer, version: number, actions: Actions): Promise<boolean> {
  const key = commitKey(committer.folder, version);
  const bytes = renderCommit(actions, version);
  for (let attempt = 0; ; attempt++) {
    try {
      if (await committer.store.create(key, bytes)) return true;
      return attempt > 0 && (await isOurs(committer, key, actions)) === true;
    } catch (error) {
      if (!isRetryable(error)) throw error;
      const ours = await isOurs(committer, key, actions).catch(() => undefined);
      if (ours !== undefined) return ours;
      if (attempt >= maxUnknown) throw unknownOutcome(committer, version, error);
      await sleep(50 * 2 ** attempt);
    }
  }
}

/** Undefined: the version does not exist (yet). */
async function isOurs({ store }: Committer, key: string, actions: Actions): Promise<boolean | undefined> {
  const bytes = await store.read(key);
  if (bytes === undefined) return undefined;
  return parseCommit(bytes, key).info?.["txnId"] === actions.info?.["txnId"];
}

function unknownOutcome({ dataset }: Committer, version: number, cause: unknown): ShoplakeError {
  return new ShoplakeError(
    "io",
    `it is not known whether version ${version} was committed: the store does not answer`,
    {
      where: dataset,
      hint: "run again: what was committed is recognised; staged files are kept until then",
      retryable: true,
      cause,
    },
  );
}

function torn({ dataset, folder, store }: Committer, version: number): ShoplakeError {
  return new ShoplakeError(
    "lake",
    `the newest commit (version ${version}) has no end: it was probably cut off by a power loss`,
    {
      where: `${dataset} (${store.location}/${commitKey(folder, version)})`,
      hint: "delete this file if its rows were never used; the run that wrote it can be repeated",
    },
  );
}
