// What a run costs besides its queries: `node bench/runs.mjs [--data FOLDER] [--models 50]`.
//   start-up of engine and project; a run with nothing new against a full one; the overhead of tiny models over bare queries;
//   daily files one by one, without what looks at the whole table each time (totals, uniqueness over eight columns). FOLDER holds Online Retail by day (*.csv.gz); without it that many files are made up.
// CPU seconds are those of all processes. Compare figures of one call only: machines and hours differ.
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { cpuOf, measure, median, print, round } from "./cpu.mjs";

const root = resolve(import.meta.dirname, "..");
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : fallback;
};
const data = option("data", join(root, "../shared/data/online_retail/by-day"));
const models = Number(option("models", "50"));
const { openProject } = await import(join(root, "dist/host/open.js"));
const { createPlan } = await import(join(root, "dist/pipeline/index.js"));
const { runPlan } = await import(join(root, "dist/runs/index.js"));
const folders = [];

/** An empty project that resolves `shoplake` to this checkout. */
function project(files) {
  const dir = mkdtempSync(join(tmpdir(), "shoplake-bench-"));
  folders.push(dir);
  mkdirSync(join(dir, "node_modules"));
  symlinkSync(root, join(dir, "node_modules/shoplake"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, path, ".."), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
  return dir;
}

const cli = (dir, ...args) =>
  measure(process.execPath, [join(root, "dist/cli/main.js"), ...args], { cwd: dir });

function retail() {
  const dir = project({});
  cpSync(join(root, "test/e2e/online-retail"), dir, { recursive: true });
  mkdirSync(join(dir, "inbox"));
  return dir;
}

function dailyFiles() {
  if (existsSync(data))
    return readdirSync(data)
      .sort()
      .map((name) => [name, readFileSync(join(data, name))]);
  const header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\n";
  return Array.from({ length: 305 }, (_, day) => {
    const date = new Date(Date.UTC(2011, 0, 1 + day)).toISOString().slice(0, 10);
    const lines = Array.from(
      { length: 1777 },
      (_, i) =>
        `${day * 1000 + Math.floor(i / 20)},S${i % 500},THING,${1 + (i % 9)},${date} 10:00:00,2.55,${i % 4000}.0,UK\n`,
    );
    return [`${date}.csv.gz`, gzipSync(header + lines.join(""))];
  });
}

async function fullAndNothingNew() {
  const dir = retail();
  for (const [name, bytes] of dailyFiles()) writeFileSync(join(dir, "inbox", name), bytes);
  const full = await cli(dir, "run", "--quiet");
  const again = [];
  const start = [];
  for (let i = 0; i < 5; i++) {
    again.push(await cli(dir, "run", "--quiet"));
    start.push(await cli(dir, "query", "SELECT 1"));
  }
  const startUp = median(start.map((one) => one.cpu));
  const nothing = median(again.map((one) => one.cpu));
  return [
    ["full run, CPU s", full.cpu],
    ["full run, wall s", full.wall],
    ["full run, peak MB of all processes", full.memoryMb],
    ["start-up of engine and project, CPU s", startUp, "at most 1.5"],
    ["nothing new, CPU s", nothing],
    ["nothing new less start-up, % of full", round(((nothing - startUp) / full.cpu) * 100, 1), "at most 3"],
  ];
}

/** CPU of this process and the engine while `work` runs. */
async function cpuOfWork(opened, work) {
  const { pid } = JSON.parse(readFileSync(join(opened.host.stateDir, "engine.json"), "utf8"));
  const before = cpuOf("self") + cpuOf(pid);
  await work();
  return cpuOf("self") + cpuOf(pid) - before;
}

async function tinyModels() {
  const files = Object.fromEntries(
    Array.from({ length: models }, (_, i) => [
      `models/gold/m${i}.sql`,
      `/*\ndescription: Tiny model ${i}.\n*/\nSELECT number AS n, number * ${i} AS x FROM numbers(100)`,
    ]),
  );
  const config = `import { defineProject } from "shoplake";\nexport default defineProject({ name: "tiny", sources: {} });`;
  const opened = await openProject({ dir: project({ ...files, "shoplake.config.ts": config }) });
  const overheads = [];
  try {
    for (let i = 0; i < 3; i++) {
      const bare = await cpuOfWork(opened, async () => {
        await opened.host.engine.command("CREATE DATABASE IF NOT EXISTS bench");
        for (const model of opened.catalogue.project.models)
          await opened.host.engine.command(
            `CREATE OR REPLACE TABLE bench.${model.name} ENGINE = MergeTree ORDER BY tuple() AS ${model.sql}`,
          );
      });
      const ours = await cpuOfWork(opened, async () => {
        const report = await runPlan(opened, await createPlan(opened, { fullRefresh: true }));
        if (report.state !== "success")
          throw new Error(JSON.stringify(report.tasks.find((task) => task.error)));
      });
      overheads.push(((ours - bare) / models) * 1000);
    }
  } finally {
    await opened.close();
  }
  return [
    [`overhead of a run of ${models} tiny models, CPU ms a model`, round(median(overheads), 1), "at most 30"],
  ];
}

async function dayByDay() {
  const dir = retail();
  for (const whole of ["models/gold/totals.sql", "models/silver/invoices.sql"]) rmSync(join(dir, whole));
  const lines = join(dir, "models/silver/lines.sql");
  writeFileSync(
    lines,
    readFileSync(lines, "utf8").replace(/checks:\n {2}- unique:[\s\S]*?severity: warn\n/, ""),
  );
  const days = dailyFiles();
  writeFileSync(join(dir, "inbox", days[0][0]), days[0][1]);
  const opened = await openProject({ dir });
  const costs = [];
  try {
    for (const [name, bytes] of days) {
      writeFileSync(join(dir, "inbox", name), bytes);
      costs.push(
        await cpuOfWork(opened, async () => {
          const report = await runPlan(opened, await createPlan(opened));
          if (report.state !== "success")
            throw new Error(JSON.stringify(report.tasks.find((task) => task.error)));
        }),
      );
    }
  } finally {
    await opened.close();
  }
  const around = (day) => median(costs.slice(Math.max(0, day - 5), day + 5));
  const last = median(costs.slice(-10));
  return [
    ["files one by one: around the tenth, CPU s", round(around(10))],
    ["files one by one: the last ten, CPU s", round(last)],
    ["last / tenth", round(last / around(10)), "at most 1.2"],
  ];
}

try {
  for (const part of [fullAndNothingNew, tinyModels, dayByDay])
    if (!process.argv.includes("--only") || option("only") === part.name) print(await part());
} finally {
  for (const dir of folders) rmSync(dir, { recursive: true, force: true });
}
