/** The names of a table's columns as a property of its Delta table, so that whatever arrives later follows them. */
import type { Column } from "../engine/engine.ts";
import type { TableNames } from "./column-names.ts";

const property = "shoplake.names";

/** The table properties to set. None for a table that keeps all names: that is what a table without the property does. */
export function namesAsProperties({ style, columns }: TableNames): Readonly<Record<string, string>> {
  const changed = [...columns].filter(([received, name]) => received !== name);
  return style === "keep" && changed.length === 0
    ? {}
    : { [property]: JSON.stringify({ style, columns: changed }) };
}

/** The names of the columns that changed on their way into the table: name in bronze -> name as received, the first one of several. */
export function receivedNames(properties: Readonly<Record<string, string>>): ReadonlyMap<string, string> {
  const received = new Map<string, string>();
  for (const [from, name] of parsed(properties).columns) if (!received.has(name)) received.set(name, from);
  return received;
}

/** The names of a table with these columns and properties. A column of which nothing is noted kept its name. */
export function namesOfTable(
  columns: readonly Column[],
  properties: Readonly<Record<string, string>>,
): TableNames {
  const { style, columns: changed } = parsed(properties);
  const given = new Set(changed.map(([, name]) => name));
  const kept = columns.filter(({ name }) => !given.has(name));
  return { style, columns: new Map([...kept.map(({ name }) => [name, name] as const), ...changed]) };
}

interface Stored {
  readonly style: TableNames["style"];
  readonly columns: readonly (readonly [received: string, name: string])[];
}

function parsed(properties: Readonly<Record<string, string>>): Stored {
  const text = properties[property];
  return text === undefined ? { style: "keep", columns: [] } : (JSON.parse(text) as Stored);
}
