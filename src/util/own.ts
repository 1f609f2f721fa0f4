/** Records whose keys are names from outside: `constructor`, `toString` and `__proto__` are names like any other. */

/** What the record itself holds under the name; never what every object has. Undefined: it has no such key. */
export function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

/** A record of these entries that has nothing beside them. The last of equal keys counts. */
export function recordOf<T>(entries: Iterable<readonly [string, T]>): Readonly<Record<string, T>> {
  const record = Object.create(null) as Record<string, T>;
  for (const [name, value] of entries) record[name] = value;
  return record;
}
