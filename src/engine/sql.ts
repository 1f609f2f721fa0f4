/** The one place where names and values become SQL text. */

/** Quotes an identifier: silver -> `silver`. Dots are part of the name; use `table()` for two-part names. */
export function ident(name: string): string {
  return `\`${name.replace(/\\/g, "\\\\").replace(/`/g, "\\`")}\``;
}

/** Quotes a two-part name: "silver.orders" -> `silver`.`orders`. Only the first dot separates. */
export function table(name: string): string {
  const dot = name.indexOf(".");
  return dot < 0 ? ident(name) : `${ident(name.slice(0, dot))}.${ident(name.slice(dot + 1))}`;
}

/** A string literal. Prefer bound parameters; this is for places that take none (file paths, DDL comments, formats). */
export function text(value: string): string {
  return `'${value.replace(/\\/g, "\\\\").replace(/'/g, "\\'").replace(/\n/g, "\\n").replace(/\0/g, "\\0")}'`;
}

/** A comma-separated list of quoted identifiers. */
export function idents(names: readonly string[]): string {
  return names.map(ident).join(", ");
}
