/** Gives a table another layout (order, partitions, columns) without losing a row. */
import type { Engine } from "../../engine/engine.ts";

/** A table of the database `ops` as a version has it. */
export interface TableLayout {
  /** Without the database: "runs_log". */
  readonly name: string;
  /** Columns, indices and projections: what is between the parentheses of CREATE TABLE. */
  readonly body: string;
  /** Expression of the partition key. */
  readonly partitionBy: string;
  /** Sorting key, with its parentheses. */
  readonly orderBy: string;
  /** Columns of the version before that are kept. Those that are new take their defaults, or the values of `filled`. */
  readonly kept: string;
  /** Values of new columns as expressions of the old ones, by name. Default: none. */
  readonly filled?: Readonly<Record<string, string>>;
}

/**
 * Creates the tables that are missing and copies those that are not partitioned as the layout says. Right after a kill at any
 * place: the old table stays until the new one gets its name in one step, and what is left of either is dropped.
 */
export async function rebuildTables(engine: Engine, layouts: readonly TableLayout[]): Promise<void> {
  const found = await engine.rows<{ name: string; partition_key: string }>(
    "SELECT name, partition_key FROM system.tables WHERE database = 'ops'",
  );
  const partitions = new Map(found.map((row) => [row.name, row.partition_key]));
  for (const layout of layouts) {
    const partition = partitions.get(layout.name);
    if (partition === undefined) await engine.command(createTable(layout, layout.name));
    else if (partition !== layout.partitionBy) await copy(engine, layout);
    if (partitions.has(nextName(layout)))
      await engine.command(`DROP TABLE IF EXISTS ops.${nextName(layout)}`);
  }
}

async function copy(engine: Engine, layout: TableLayout): Promise<void> {
  const next = `ops.${nextName(layout)}`;
  const { kept, filled = {} } = layout;
  const columns = [kept, ...Object.keys(filled)].join(", ");
  await engine.command(`DROP TABLE IF EXISTS ${next}`);
  await engine.command(createTable(layout, nextName(layout)));
  await engine.command(
    `INSERT INTO ${next} (${columns}) SELECT ${[kept, ...Object.values(filled)].join(", ")} FROM ops.${layout.name}`,
    { settings: { max_partitions_per_insert_block: 0 } },
  );
  await engine.command(`EXCHANGE TABLES ops.${layout.name} AND ${next}`);
  await engine.command(`DROP TABLE IF EXISTS ${next}`);
}

function nextName({ name }: TableLayout): string {
  return `${name}_next`;
}

function createTable({ body, partitionBy, orderBy }: TableLayout, name: string): string {
  return `CREATE TABLE IF NOT EXISTS ops.${name} (${body}) ENGINE = MergeTree PARTITION BY ${partitionBy} ORDER BY ${orderBy}`;
}
