/** What the columns of a source are called in bronze: decided for a table once, followed by all that arrives later. */
import type { NameStyle } from "../project/define.ts";
import { own } from "../util/own.ts";
import { isReserved, standIn } from "./reserved-names.ts";
import { snakeCase } from "./snake-case.ts";

/** What the options of a table say of names. Each column is named as it was received. */
export interface NameOptions {
  /** Undefined: `keep` when all names can be kept, else `snake_case`. */
  readonly names?: NameStyle | undefined;
  /** Name as received -> name in bronze. Undefined: none. */
  readonly rename?: Readonly<Record<string, string>> | undefined;
  /** The only columns that are taken. Undefined: all. */
  readonly include?: readonly string[] | undefined;
  /** Columns that are left out. Undefined: none. */
  readonly exclude?: readonly string[] | undefined;
}

/** What is decided for a table. */
export interface TableNames {
  /** What a column gets that is new. */
  readonly style: NameStyle;
  /** Name as received -> name in bronze, of every column that the table has had. */
  readonly columns: ReadonlyMap<string, string>;
}

/** Why columns cannot be named, with all that is wrong. */
export interface NameFault {
  /** A sentence for each fault. */
  readonly messages: readonly string[];
  /** What to do. */
  readonly hint: string;
}

/** The received columns that the options do not leave out, in their order. */
export function chosenColumns(
  received: readonly string[],
  { include, exclude = [] }: NameOptions,
): readonly string[] {
  const wanted = include && new Set(include);
  const left = new Set(exclude);
  return received.filter((name) => (wanted === undefined || wanted.has(name)) && !left.has(name));
}

/** The style of a new table whose columns were received under these names, those of each file or table by itself. */
export function styleFor(groups: readonly (readonly string[])[], options: NameOptions): NameStyle {
  if (options.names !== undefined) return options.names;
  return groups.every((names) => canKeep(names, options)) ? "keep" : "snake_case";
}

function canKeep(names: readonly string[], { rename = {} }: NameOptions): boolean {
  const kept = names.map((name) => own(rename, name) ?? kindName(name, "keep"));
  return kept.every(isLegal) && new Set(kept.map((name) => name.toLowerCase())).size === kept.length;
}

/** True when the lake takes the name for a column. */
export function isLegal(name: string): boolean {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for.
  return name !== "" && !/[ ,;{}()=\u0000-\u001f\u007f]/.test(name);
}

/** A name by the style alone; one that the platform writes itself gets its stand-in. */
function kindName(received: string, style: NameStyle): string {
  const name = style === "keep" ? received : snakeCase(received);
  return isReserved(name) ? standIn(name) : name;
}

/**
 * The names of these columns, added to what the table knows. Gives the fault when a name cannot be one, when two columns would have
 * the same, or when the options contradict what was decided.
 */
export function nameColumns(
  received: readonly string[],
  known: TableNames,
  options: NameOptions,
): TableNames | NameFault {
  const here = new Set(received);
  const columns = new Map(known.columns);
  const holders = new Map<string, string>();
  for (const [from, name] of known.columns) holders.set(name.toLowerCase(), from);
  const messages: string[] = [];
  const inThese = new Map<string, string>();
  for (const from of here) {
    const name = nameOf(from, known, options);
    const wished = wish(from, options);
    if (wished !== undefined && wished !== name)
      messages.push(`${quoted(from)} is called ${name} in the table, the options call it ${wished}.`);
    if (!isLegal(name)) messages.push(`${quoted(from)} cannot be the name of a column.`);
    const twin = inThese.get(name.toLowerCase()) ?? holderOf(from, name, { holders, columns, options });
    if (twin !== undefined) messages.push(collision(twin, from, name));
    else columns.set(from, name);
    inThese.set(name.toLowerCase(), from);
  }
  return messages.length === 0 ? { style: known.style, columns } : { messages, hint: hintFor(messages) };
}

/** True for what `nameColumns` gives when it cannot name the columns. */
export function isFault(named: TableNames | NameFault): named is NameFault {
  return "messages" in named;
}

/** What a column is called, or would be if it came now. */
export function nameOf(received: string, known: TableNames, options: NameOptions): string {
  const decided = known.columns.get(received) ?? wish(received, options);
  if (decided !== undefined) return decided;
  const kept = kindName(received, known.style);
  return isLegal(kept) || options.names === "keep" ? kept : kindName(received, "snake_case");
}

/** The received column that an option means: by its name at the source or by the one in bronze. Undefined: there is none. */
export function receivedColumn(
  given: string,
  received: readonly string[],
  { rename = {} }: NameOptions,
): string | undefined {
  if (received.includes(given)) return given;
  return (
    received.find((name) => own(rename, name) === given) ??
    received.find((name) => !Object.hasOwn(rename, name) && kindName(name, "snake_case") === given)
  );
}

/** What the options ask for by name or by a style; undefined: they leave it open. */
function wish(received: string, { names, rename = {} }: NameOptions): string | undefined {
  return own(rename, received) ?? (names === undefined ? undefined : kindName(received, names));
}

/** Another column of the table that has this name. One that is renamed to the very name of another takes its place on purpose. */
function holderOf(
  from: string,
  name: string,
  {
    holders,
    columns,
    options: { rename = {} },
  }: {
    readonly holders: ReadonlyMap<string, string>;
    readonly columns: ReadonlyMap<string, string>;
    readonly options: NameOptions;
  },
): string | undefined {
  const holder = holders.get(name.toLowerCase());
  if (holder === undefined || holder === from || columns.get(from) === name) return undefined;
  const onPurpose = columns.get(holder) === name && own(rename, from) === name;
  return onPurpose ? undefined : holder;
}

function collision(first: string, second: string, name: string): string {
  const sameCase = first.toLowerCase() === second.toLowerCase() ? " (upper and lower case are the same)" : "";
  return `${quoted(first)} and ${quoted(second)} would both be ${name}${sameCase}.`;
}

function hintFor(messages: readonly string[]): string {
  return messages.some((message) => message.includes("the options call it"))
    ? "Names of columns that have rows are not changed: take the change of `names` and `rename` back, or read into a table of another name."
    : 'Give the column a name of its own in the source\'s options: rename: { "Name as received": "its_name" }, or leave it out with exclude.';
}

function quoted(name: string): string {
  return JSON.stringify(name);
}
