/** Checked files whose columns go by their names in bronze; a file whose names cannot be used is set aside. */
import type { Column } from "../../engine/engine.ts";
import { ident } from "../../engine/sql.ts";
import { ShoplakeError } from "../../util/errors.ts";
import { recordOf } from "../../util/own.ts";
import {
  chosenColumns,
  isFault,
  type NameFault,
  nameColumns,
  nameOf,
  styleFor,
  type TableNames,
} from "../column-names.ts";
import type { FilesTableConfig } from "./options.ts";
import { type CheckedAll, type CheckedFile, type PlainFile, UnusableFile } from "./unpack/plain-file.ts";

/** Files with the names of their columns in bronze. */
export interface NamedFiles extends CheckedAll {
  /** What the table knows now. */
  readonly names: TableNames;
}

/**
 * Names the columns of the files in their order. `known`: what was decided for the table; undefined: these are its first files.
 * A file whose names cannot be used is refused as a whole. Throws `source` when that is true of all the first files.
 */
export function nameFiles(
  loads: CheckedAll,
  known: TableNames | undefined,
  config: FilesTableConfig,
): NamedFiles {
  const { checked: files } = loads;
  const groups = files.map(({ columns }) => chosenColumns(columns.map(nameOfColumn), config));
  let names = known ?? firstNames(groups, config);
  const checked: CheckedFile[] = [];
  const unusable: { readonly plain: PlainFile; readonly fault: NameFault }[] = [];
  for (const [i, file] of files.entries()) {
    const named = nameColumns(groups[i] ?? [], names, config);
    if (isFault(named)) unusable.push({ plain: file.plain, fault: named });
    else {
      names = named;
      checked.push(renamed(file, groups[i] ?? [], named));
    }
  }
  const [first] = unusable;
  if (known === undefined && checked.length === 0 && first !== undefined)
    throw faultError(first.plain.file, first.fault);
  const refused = unusable.map(({ plain, fault }) => ({
    plain,
    problem: new UnusableFile("unusable_names", `${fault.messages.join(" ")} ${fault.hint}`),
  }));
  return { names, checked, refused: [...loads.refused, ...refused] };
}

/** What a table without rows is decided to be called, for planning. Files whose names cannot be used are told to `warn`. */
export function describedNames(
  files: readonly (readonly Column[])[],
  config: FilesTableConfig,
  warn: (message: string) => void,
): { readonly names: TableNames; readonly columns: readonly Column[] } {
  const groups = files.map((columns) => chosenColumns(columns.map(nameOfColumn), config));
  let names = firstNames(groups, config);
  const types = new Map<string, string>();
  for (const [i, columns] of files.entries()) {
    const named = nameColumns(groups[i] ?? [], names, config);
    if (isFault(named)) {
      warn(`${config.path}: ${named.messages.join(" ")} ${named.hint}`);
      continue;
    }
    names = named;
    const chosen = new Set(groups[i]);
    for (const { name, type } of columns.filter((column) => chosen.has(column.name))) {
      const inBronze = named.columns.get(name) ?? name;
      if (!types.has(inBronze)) types.set(inBronze, type);
    }
  }
  return { names, columns: [...types].map(([name, type]) => ({ name, type })) };
}

/** The style is that of files whose names can be used in one way or the other. */
function firstNames(groups: readonly (readonly string[])[], config: FilesTableConfig): TableNames {
  const columns = new Map<string, string>();
  const usable = groups.filter((group) =>
    (["keep", "snake_case"] as const).some(
      (style) => !isFault(nameColumns(group, { style, columns }, config)),
    ),
  );
  return { style: styleFor(usable, config), columns };
}

/** The options of a table with the names in bronze; they may name a column either way. */
export function namedConfig(config: FilesTableConfig, names: TableNames): FilesTableConfig {
  const given = new Set(names.columns.values());
  const inBronze = (name: string) =>
    names.columns.get(name) ?? (given.has(name) ? name : nameOf(name, names, config));
  const { key, cursor, types } = config;
  return {
    ...config,
    key: key.map(inBronze),
    cursor: cursor === undefined ? undefined : inBronze(cursor),
    types: recordOf(Object.entries(types).map(([name, type]) => [inBronze(name), type] as const)),
  };
}

/**
 * The columns that were chosen, under their names in bronze. When a name changes, the file is read in a subquery whose names are
 * neither those of the file nor those of bronze: the engine takes a name that is both for the new one.
 */
function renamed(file: CheckedFile, chosen: readonly string[], names: TableNames): CheckedFile {
  const types = new Map(file.columns.map(({ name, type }) => [name, type]));
  const inBronze = (name: string) => names.columns.get(name) ?? name;
  const columns = chosen.map((name) => ({ name: inBronze(name), type: types.get(name) ?? "String" }));
  if (chosen.every((name) => inBronze(name) === name)) return { ...file, columns };
  const prefix = freshPrefix([...types.keys(), ...columns.map(nameOfColumn)]);
  const between = chosen.map((name, i) => [name, ident(`${prefix}${i}`)] as const);
  const row = ident(`${prefix}row`);
  const inner = between.map(([name, alias]) => `${file.expressions.get(name) ?? ident(name)} AS ${alias}`);
  return {
    ...file,
    columns,
    expressions: new Map(between.map(([name, alias]) => [inBronze(name), alias])),
    row,
    from: `(SELECT ${[...inner, `${file.row} AS ${row}`].join(", ")} FROM ${file.from})`,
  };
}

function freshPrefix(names: readonly string[]): string {
  let prefix = "__n";
  while (names.some((name) => name.startsWith(prefix))) prefix += "n";
  return prefix;
}

function nameOfColumn({ name }: { readonly name: string }): string {
  return name;
}

function faultError(file: string, { messages, hint }: NameFault): ShoplakeError {
  return new ShoplakeError("source", messages.join(" "), {
    where: file,
    allowed: "one name for each column, without blanks and , ; { } ( ) =; upper and lower case are the same",
    hint,
    problems: messages.map((message) => ({ message, hint })),
  });
}
