/**
 * Refuses statements after which later statements of everybody would fail: without `default` no session can be opened,
 * without `system` no SELECT has a table to start from, a stopped server answers nobody. There is one user and no grants,
 * so it is decided on the statement's tokens.
 */
import { nameOf } from "../rewrite.ts";
import { DatabaseError } from "./errors.ts";
import type { Statement } from "./statement.ts";

type Token = Statement["tokens"][number];

/** Who sends the statement, and what its placeholders hold. */
export interface Sender {
  /** Another program than Shoplake: it also keeps its hands off what the platform uses for its own work. */
  readonly outside: boolean;
  /** Parameters of the request: `param_x` holds the value of `{x:Identifier}`. */
  readonly params: URLSearchParams;
}

/** Databases that nobody may drop, detach, rename or empty as a whole. */
const DATABASES = /^(default|system|information_schema|ops|bronze|silver|gold)$/i;

/** Databases whose tables nobody may change. */
const ENGINE_TABLES = /^(system|information_schema)$/i;

/** Databases that only the platform changes: its records, what is being staged, what it made for a while. */
const PLATFORM = /^(ops|staging|shoplake_\w*|run_[a-z0-9]+_[a-z0-9]+_\w+|_scratch_\w+)$/;

/** First words of statements that change or remove what is there. */
const CHANGES = new Set([
  "DROP",
  "DETACH",
  "RENAME",
  "TRUNCATE",
  "EXCHANGE",
  "ALTER",
  "UNDROP",
  "DELETE",
  "UPDATE",
]);

/** What SYSTEM may do: nothing that stops, slows down or reconfigures the engine for others. */
const SYSTEM =
  /^(FLUSH (LOGS|DISTRIBUTED|ASYNC INSERT QUEUE)|(DROP|CLEAR) .*\bCACHES?\b|RELOAD (DICTIONAR\w+|FUNCTIONS?|MODELS?|ASYNCHRONOUS METRICS)|(REFRESH|WAIT|CANCEL) VIEW|START (TTL MERGES|MERGES|MOVES|FETCHES|VIEWS?|REPLICATED SENDS|REPLICATION QUEUES|DISTRIBUTED SENDS)|SYNC|WAIT LOADING PARTS)\b/;

/**
 * Throws code 497 (status 403) when the statement, or one that goes with it by PARALLEL WITH, would break the engine for
 * others. Returns true when that depends on the session's current database: then `refuseIn` has to be asked too.
 */
export function refuseHarm(statement: Statement, sender: Sender): boolean {
  return parts(statement.tokens)
    .map((tokens) => refusePart(tokens, sender))
    .some((depends) => depends);
}

/** Throws when a statement that names a table without its database must not change those of `database`. */
export function refuseIn(database: string, { outside }: Pick<Sender, "outside">): void {
  if (ENGINE_TABLES.test(database) || (outside && PLATFORM.test(database)))
    refuse(`changing a table of the database ${database}`);
}

/** Statements run side by side: `a PARALLEL WITH b`. */
function parts(tokens: readonly Token[]): Token[][] {
  const found: Token[][] = [[]];
  for (const token of tokens) {
    const part = found.at(-1) ?? [];
    if (token.upper === "WITH" && part.at(-1)?.upper === "PARALLEL") found.push([]);
    else part.push(token);
  }
  return found;
}

function refusePart(tokens: readonly Token[], sender: Sender): boolean {
  const words = tokens.map(({ upper }) => upper);
  const first = words[0] ?? "";
  if (first === "SYSTEM") refuseSystem(words);
  if (/^(CREATE|DROP|ALTER)$/.test(first)) refuseLimits(words);
  if (first === "CREATE" && words[1] === "NAMED") refuseCollection(tokens.flatMap(spelled));
  if (first === "CREATE" && sender.outside) refuseTrigger(tokens, words);
  if (replaces(words)) return refuseChange(tokens.slice(0, targetEnd(tokens)), words, sender);
  return CHANGES.has(first) && refuseChange(tokens, words, sender);
}

/** CREATE OR REPLACE, and REPLACE TABLE: the table that was there is lost. */
function replaces(words: readonly string[]): boolean {
  return words[0] === "REPLACE" || (words[0] === "CREATE" && words[1] === "OR" && words[2] === "REPLACE");
}

/** Where the target of CREATE ends: what follows is columns, an engine or a SELECT, which may name anything. */
function targetEnd(tokens: readonly Token[]): number {
  const at = tokens.findIndex(({ upper }) => /^(AS|ENGINE|TO|ON|\(|UUID|COMMENT|CLONE)$/.test(upper));
  return at < 0 ? tokens.length : at;
}

function refuseSystem(words: readonly string[]): void {
  const what = words.slice(1).join(" ");
  if (!SYSTEM.test(what)) refuse(`SYSTEM ${what}`);
}

/** The places of the lake: with other keys every later statement on it would fail. */
function refuseCollection(names: readonly string[]): false {
  const hit = names.find((name) => PLATFORM.test(name));
  if (hit !== undefined) refuse(`changing the named collection ${hit}`);
  return false;
}

/** Workloads and resources slow down every client's statements. */
function refuseLimits(words: readonly string[]): void {
  const what = words.slice(1, 4).find((word) => word === "WORKLOAD" || word === "RESOURCE");
  const before = what === undefined ? [] : words.slice(1, words.indexOf(what));
  if (what !== undefined && before.every((word) => word === "OR" || word === "REPLACE"))
    refuse(`${words[0]} ${what}`);
}

/** A materialized view runs with every insert into the table it reads, and fails it when it fails. */
function refuseTrigger(tokens: readonly Token[], words: readonly string[]): void {
  if (!words.slice(0, 5).includes("MATERIALIZED")) return;
  const read = databasesBeforeDot(tokens.slice(words.indexOf("AS"))).find((name) => PLATFORM.test(name));
  if (read !== undefined) refuse(`a materialized view that reads ${read}`);
}

function refuseChange(tokens: readonly Token[], words: readonly string[], sender: Sender): boolean {
  const names = [...tokens.flatMap(spelled), ...parameterNames(tokens, sender.params)];
  const what = `${words[0]} ${words[1]}`;
  if (isAboutDatabases(words)) {
    const hit = names.find((name) => DATABASES.test(name) || (sender.outside && PLATFORM.test(name)));
    if (hit !== undefined) refuse(`${what} on the database ${hit}`);
    return false;
  }
  if (words[1] === "NAMED") return refuseCollection(names);
  if (words[1] === "TEMPORARY" || words[1] === "FUNCTION") return false;
  const databases = [...databasesBeforeDot(tokens), ...parameterNames(tokens, sender.params)];
  const isPlatform = (name: string) => sender.outside && PLATFORM.test(name);
  const hit = databases.find((name) => ENGINE_TABLES.test(name) || isPlatform(name));
  if (hit !== undefined) refuse(`${what} on a table of the database ${hit}`);
  return true;
}

/** DROP DATABASE, RENAME DATABASE, TRUNCATE ALL TABLES FROM, TRUNCATE TABLES FROM ... */
function isAboutDatabases(words: readonly string[]): boolean {
  return words[1] === "DATABASE" || (words[0] === "TRUNCATE" && /^(ALL|TABLES)$/.test(words[1] ?? ""));
}

function databasesBeforeDot(tokens: readonly Token[]): string[] {
  return tokens.flatMap((token, i) => (tokens[i + 1]?.text === "." ? spelled(token) : []));
}

/** The name that a token spells. One with escapes could spell anything. */
function spelled(token: Token): string[] {
  if (token.kind === "word") return [token.text];
  if (token.kind !== "quoted") return [];
  if (token.text.includes("\\"))
    refuse(`the name ${token.text} with a backslash in a statement that changes something`);
  return [nameOf(token)];
}

/** Values of placeholders of the statement, in their parts; a placeholder that this request gives no value is refused. */
function parameterNames(tokens: readonly Token[], params: URLSearchParams): string[] {
  return tokens.flatMap((token, i) => {
    const [name, colon, type] = tokens.slice(i + 1, i + 4);
    if (token.text !== "{" || colon?.text !== ":" || type?.text !== "Identifier") return [];
    const value = params.get(`param_${name?.text ?? ""}`);
    if (value === null) refuse(`{${name?.text}:Identifier}, which this request gives no value`);
    if (/[\\`"]/.test(value)) refuse(`the name ${value}`);
    return value.split(".");
  });
}

function refuse(what: string): never {
  throw new DatabaseError(
    497,
    `Not allowed, because it would break the engine for its other clients: ${what}`,
    "ACCESS_DENIED",
  );
}
