// Measures the lake on local disk, on built JavaScript: `node bench/lake.mjs [--commits 5000] [--quick]`.
// Prints medians and ratios within this run; other load on the machine moves the times, hardly the ratios.
import { randomBytes } from "node:crypto";
import { linkSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

const { openEngine } = await import("../dist/engine/open.js");
const { openLake } = await import("../dist/lake/lake.js");
const { localStore } = await import("../dist/lake/store/local.js");

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

/**
 * Commits of one file each, named as tasks name them, in 7 partitions. The files are hard links to 7 real ones: they can be
 * read, and only the log is measured.
 */
async function fill(table, count) {
  const staged = await table.stage({ select: rows(100), columns, partitionBy: "day", taskId: "fill" });
  const place = join(dir, "lake", table.dataset.replace(".", "/"));
  let base = await table.snapshot();
  return times(count, async (i) => {
    const file = staged.files[i % staged.files.length];
    const name = `part-${randomBytes(6).toString("hex")}-1-${randomBytes(6).toString("hex")}.parquet`;
    const path = `${dirname(file.path)}/${name}`;
    linkSync(join(place, file.path), join(place, path));
    const add = { ...staged, files: [{ ...file, path }] };
    const positions = { fill: i };
    base = await table.commit({ base, add, remove: "none", positions, info: {}, taskId: "fill" });
  });
}

/**
 * What a task does with tables, in turns, each time with a lake object that knows nothing yet; the engine is up.
 * open: the newest version with columns, positions and the whole list of files, ready to be read or committed on.
 * append: open, stage 1,000 rows, commit. read new: open, a SELECT over the 10 newest files. read all: open, over all files.
 */
async function measureOpening(names) {
  const sum = (table, snapshot, files) =>
    engine.rows(`SELECT sum(amount) FROM ${table.read(snapshot, { files })}`, {
      settings: { max_query_size: 100_000_000 },
    });
  const works = {
    open: async (table) => (await table.snapshot()).files.length,
    append: async (table) => {
      const base = await table.snapshot();
      const add = await table.stage({ select: rows(1000), columns, partitionBy: "day", taskId: "a" });
      await table.commit({ base, add, remove: "none", info: {}, taskId: "a" });
    },
    read_new: async (table) => {
      const snapshot = await table.snapshot();
      await sum(table, snapshot, snapshot.files.slice(-10));
    },
    read_all: async (table) => {
      const snapshot = await table.snapshot();
      await sum(table, snapshot, snapshot.files);
    },
  };
  const found = {};
  for (const [work, run] of Object.entries(works)) {
    const all = names.map(() => []);
    for (let i = 0; i < (work === "open" ? 40 : work === "read_all" ? 5 : 15); i++)
      for (const [k, name] of names.entries()) {
        const table = fresh().table(name);
        const time = await timed(() => run(table));
        if (i > 0) all[k].push(time);
      }
    found[work] = Object.fromEntries(names.map((name, k) => [name, median(all[k])]));
    for (const name of names.slice(1))
      found[work][`${name} ratio`] = Math.round((found[work][name] / found[work][names[0]]) * 100) / 100;
  }
  return found;
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
  report.commit_mean_with_checkpoints_ms = Math.round((sum(commit) / commit.length) * 10) / 10;

  const [small, few, live] = ["bench.commits_50", `bench.commits_${many}_few_files`, `bench.commits_${many}`];
  await fill(fresh().table(small), 50);
  const log = await fill(fresh().table(live), many);
  const tenth = Math.floor(many / 10);
  report.log_commit_first_tenth_ms = median(log.slice(0, tenth));
  report.log_commit_last_tenth_ms = median(log.slice(-tenth));
  report.log_commit_mean_last_over_first =
    Math.round((sum(log.slice(-tenth)) / sum(log.slice(0, tenth))) * 100) / 100;
  const table = fresh().table(few);
  await fill(table, many);
  const base = await table.snapshot();
  const remove = { files: base.files.slice(0, -50) };
  await table.commit({ base, add: undefined, remove, info: {}, taskId: "r" });
  await fill(table, 25);
  report.opening_ms = await measureOpening([small, few, live]);
  report.refresh_nothing_new_ms = median(await times(50, () => table.snapshot()));

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
