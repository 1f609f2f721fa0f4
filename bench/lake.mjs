// Measures the lake on local disk, on built JavaScript: `node bench/lake.mjs [--commits 5000] [--quick]`.
// Prints medians and ratios within this run; other load on the machine moves the times, hardly the ratios.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const { openEngine } = await import("../dist/engine/open.js");
const { openLake } = await import("../dist/lake/lake.js");
const { localStore } = await import("../dist/lake/local-store.js");

const quick = process.argv.includes("--quick");
const at = process.argv.indexOf("--commits");
const many = at > 0 ? Number(process.argv[at + 1]) : quick ? 1000 : 5000;
const dir = mkdtempSync(join(tmpdir(), "shoplake-bench-"));
const config = { kind: "embedded", memoryBytes: 1_500_000_000, threads: 2, slots: 8 };
const engine = await openEngine({ stateDir: join(dir, "state"), config });
const store = localStore(join(dir, "lake"));
const fresh = () => openLake({ store, engine, clock: () => new Date() });
const columns = [
  { name: "id", type: "UInt64" },
  { name: "day", type: "Date" },
  { name: "city", type: "LowCardinality(String)" },
  { name: "amount", type: "Decimal(18, 4)" },
];
const rows = (count) =>
  `SELECT number AS id, toDate('2026-01-01') + number % 7 AS day, ['a', 'b', 'c'][number % 3 + 1] AS city, toDecimal64(number, 4) / 3 AS amount FROM numbers(${count})`;
const report = {};

function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return Math.round((sorted[Math.floor(sorted.length / 2)] ?? 0) * 10) / 10;
}

async function timed(work) {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

async function times(count, work) {
  const all = [];
  for (let i = 0; i < count; i++) all.push(await timed(() => work(i)));
  return all;
}

/** Commits that share one real data file's facts under other names: only the log is measured. */
async function fill(table, count) {
  const staged = await table.stage({ select: rows(100), columns, taskId: "fill" });
  const [file] = staged.files;
  let base = await table.snapshot();
  return times(count, async (i) => {
    const path = `part-fill-${String(i).padStart(12, "0")}.parquet`;
    const add = { ...staged, files: [{ ...file, path }] };
    base = await table.commit({
      base,
      add,
      remove: "none",
      positions: { fill: i },
      info: {},
      taskId: "fill",
    });
  });
}

try {
  const append = fresh().table("bench.append");
  const stage = [];
  const commit = [];
  await times(quick ? 60 : 200, async () => {
    const base = await append.snapshot();
    let add;
    stage.push(
      await timed(async () => {
        add = await append.stage({ select: rows(1000), columns, taskId: "a" });
      }),
    );
    commit.push(await timed(() => append.commit({ base, add, remove: "none", info: {}, taskId: "a" })));
  });
  report.stage_1000_rows_ms = median(stage);
  report.commit_ms = median(commit);

  const small = fresh().table("bench.small");
  await fill(small, 50);
  const big = fresh().table("bench.big");
  const log = await fill(big, many);
  const tenth = Math.floor(many / 10);
  report.log_commit_first_tenth_ms = median(log.slice(0, tenth));
  report.log_commit_last_tenth_ms = median(log.slice(-tenth));
  report.log_commit_mean_last_over_first =
    Math.round((sum(log.slice(-tenth)) / sum(log.slice(0, tenth))) * 100) / 100;
  const opened = async (name) => {
    await fresh().table(name).snapshot();
    return median(await times(15, () => fresh().table(name).snapshot()));
  };
  report.open_50_commits_ms = await opened("bench.small");
  report[`open_${many}_commits_${many}_files_ms`] = await opened("bench.big");
  const snapshot = await big.snapshot();
  await big.commit({
    base: snapshot,
    add: undefined,
    remove: { files: snapshot.files.slice(0, -50) },
    info: {},
    taskId: "r",
  });
  await fill(big, 25);
  report[`open_${many}_commits_75_files_ms`] = await opened("bench.big");
  report.open_ratio_same_files =
    Math.round((report[`open_${many}_commits_75_files_ms`] / report.open_50_commits_ms) * 100) / 100;
  report.open_ratio_all_files =
    Math.round((report[`open_${many}_commits_${many}_files_ms`] / report.open_50_commits_ms) * 100) / 100;
  report.refresh_nothing_new_ms = median(await times(50, () => big.snapshot()));

  for (const files of quick ? [1, 100] : [1, 300, 2000]) {
    const table = fresh().table(`bench.read_${files}`);
    const staged = [];
    for (let i = 0; i < files; i++)
      staged.push(await table.stage({ select: rows(20), columns, taskId: `f${i}` }));
    const add = { ...staged[0], files: staged.flatMap((some) => some.files), rows: files * 20 };
    const written = await table.commit({ base: undefined, add, remove: "none", info: {}, taskId: "f" });
    const sql = `SELECT sum(amount) FROM ${table.read(written)}`;
    const settings = { max_query_size: 100_000_000 };
    report[`read_${files}_files_ms`] = median(await times(7, () => engine.rows(sql, { settings })));
  }
  console.log(JSON.stringify(report, null, 2));
} finally {
  await engine.close();
  rmSync(dir, { recursive: true, force: true });
}

function sum(values) {
  return values.reduce((total, value) => total + value, 0);
}
