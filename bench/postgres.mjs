// A PostgreSQL table to bronze against the bare way: `node bench/postgres.mjs [--rows 1500000] [--times 10]`.
// Bare: COPY ... TO STDOUT by pg-copy-streams into a named pipe that the same engine writes as Parquet, nothing else.
// Ours: a whole run of a project with that one table: discovery, COPY, counts, commit, record, view.
// CPU seconds of Node and the engine (not of PostgreSQL); peak memory of both; then the table `--times` as large.
import {
  createWriteStream,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { pipeline } from "node:stream/promises";
import pg from "pg";
import copyStreams from "pg-copy-streams";
import { cpuOf, memoryOf, print, round } from "./cpu.mjs";

const root = resolve(import.meta.dirname, "..");
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return Number(at > 0 ? process.argv[at + 1] : fallback);
};
const rows = option("rows", 1_500_000);
const times = option("times", 10);
const { startPostgres } = await import(join(root, "dist/generator/demo-postgres.js"));
const { openProject } = await import(join(root, "dist/host/open.js"));
const { createPlan } = await import(join(root, "dist/pipeline/index.js"));
const { runPlan } = await import(join(root, "dist/runs/index.js"));
const { parquetSettings } = await import(join(root, "dist/lake/stage.js"));
const { makeFifo } = await import(join(root, "dist/util/fifo.js"));
const dir = mkdtempSync(join(tmpdir(), "shoplake-bench-"));

const structure =
  "order_item_id Int64, order_id Int64, product_id Int32, quantity Int32, unit_price Decimal(10,2), discount_percentage Decimal(5,2), line_total Decimal(12,2), tax_amount Decimal(10,2), return_status String, created_at DateTime64(6, 'UTC')";
const table = `CREATE TABLE order_items (order_item_id bigint PRIMARY KEY, order_id bigint NOT NULL, product_id int NOT NULL,
  quantity int NOT NULL, unit_price numeric(10,2) NOT NULL, discount_percentage numeric(5,2) NOT NULL, line_total numeric(12,2) NOT NULL,
  tax_amount numeric(10,2) NOT NULL, return_status text NOT NULL, created_at timestamptz NOT NULL)`;
const fill = `INSERT INTO order_items SELECT i, i / 3, i % 50000, 1 + i % 5, (i % 90000) / 100.0, i % 20, (i % 400000) / 100.0, (i % 9000) / 100.0,
  'None', timestamptz '2025-01-01' + i * interval '1 second' FROM generate_series($1::bigint, $2::bigint) AS i`;

/** CPU and peak memory of this process and the engine while `work` runs. */
async function measured(engineFile, work) {
  const { pid } = JSON.parse(readFileSync(engineFile, "utf8"));
  let peak = 0;
  const timer = setInterval(
    () => (peak = Math.max(peak, memoryOf(pid) + process.memoryUsage.rss() / 2 ** 20)),
    50,
  );
  const before = cpuOf("self") + cpuOf(pid);
  const start = performance.now();
  await work();
  clearInterval(timer);
  return { cpu: cpuOf("self") + cpuOf(pid) - before, wall: (performance.now() - start) / 1000, peak };
}

async function bare(url, engine, engineFile) {
  const fifo = join(dir, "bare.fifo");
  const out = join(dir, "bare.parquet");
  rmSync(fifo, { force: true });
  rmSync(out, { force: true });
  await makeFifo(fifo);
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const result = await measured(engineFile, async () => {
    const reading = engine.command(
      `INSERT INTO FUNCTION file('${out}', 'Parquet') SELECT * FROM file('${fifo}', 'TSV', '${structure.replaceAll("'", "\\'")}')`,
      { settings: parquetSettings },
    );
    await pipeline(client.query(copyStreams.to("COPY order_items TO STDOUT")), createWriteStream(fifo));
    await reading;
  });
  await client.end();
  return result;
}

async function ours(opened, engineFile, count) {
  return measured(engineFile, async () => {
    const report = await runPlan(opened, await createPlan(opened));
    const [task] = report.tasks;
    if (task?.counts.published !== count) throw new Error(JSON.stringify(report.tasks));
  });
}

function project(name, url) {
  const folder = join(dir, name);
  mkdirSync(join(folder, "node_modules"), { recursive: true });
  symlinkSync(root, join(folder, "node_modules/shoplake"));
  writeFileSync(
    join(folder, "shoplake.config.ts"),
    `import { defineProject, postgres } from "shoplake";
export default defineProject({ name: "bench", sources: { shop: postgres({ url: ${JSON.stringify(url)}, tables: { order_items: { key: "order_item_id", cursor: "created_at" } } }) } });`,
  );
  return folder;
}

const server = await startPostgres({ dataDir: join(dir, "pg") });
try {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  await client.query(table);
  const results = [];
  let loaded = 0;
  for (const factor of times > 1 ? [1, times] : [1]) {
    await client.query(fill, [loaded + 1, rows * factor]);
    loaded = rows * factor;
    await client.query("CHECKPOINT");
    const rounds = [];
    for (let i = 0; i < (factor === 1 ? 3 : 1); i++) {
      const folder = project(`p${factor}-${i}`, server.url);
      const opened = await openProject({ dir: folder });
      const engineFile = join(folder, ".shoplake/engine.json");
      const by = {
        bare: await bare(server.url, opened.host.engine, engineFile),
        ours: await ours(opened, engineFile, loaded),
      };
      await opened.close();
      rmSync(join(folder, ".shoplake"), { recursive: true });
      rounds.push(by);
    }
    rounds.sort((a, b) => a.ours.cpu / a.bare.cpu - b.ours.cpu / b.bare.cpu);
    results.push({ factor, ...rounds[Math.floor(rounds.length / 2)] });
  }
  await client.end();
  const lines = results.flatMap(({ factor, bare: limit, ours: we }) => [
    [`${(rows * factor).toLocaleString("en")} rows, bare: CPU s`, round(limit.cpu)],
    [`${(rows * factor).toLocaleString("en")} rows, ours: CPU s`, round(we.cpu)],
    ["  ours / bare", round(we.cpu / limit.cpu), "at most 1.2"],
    ["  ours: wall s", round(we.wall)],
    ["  ours: peak MB of Node and engine", Math.round(we.peak)],
  ]);
  const [small, large] = results;
  if (large) {
    lines.push([`${times} times the rows: CPU`, round(large.ours.cpu / small.ours.cpu), `at most ${times}`]);
    lines.push([
      `${times} times the rows: peak memory`,
      round(large.ours.peak / small.ours.peak),
      "the same",
    ]);
  }
  print(lines);
} finally {
  await server.stop();
  rmSync(dir, { recursive: true, force: true });
}
