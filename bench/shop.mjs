// The whole shop: `node bench/shop.mjs [--scale 1] [--rounds 3] [--faults 2] [--only full,day,kpis,rival]`.
//   full: PostgreSQL -> bronze -> silver -> gold -> PostgreSQL with all checks, quarantine, history and atomic publishing, against the
//         limit (bench/shop/limit.mjs: the same job as one straight script without any of that); then a run with nothing new
//   day:  one more day of the shop, about 1 % new and changed rows
//   kpis: every query of queries/kpi
//   rival: the full run against dlt and dbt-duckdb doing the same (bench/rival; not without being asked for: it must be installed)
// CPU seconds of whole processes, start-up included; PostgreSQL's own CPU apart. Compare figures of one call only.
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import pg from "pg";
import { cpuOf, cpuOfTree, measure, median, print, round } from "./cpu.mjs";
import { rival } from "./shop/rival.mjs";

const root = resolve(import.meta.dirname, "..");
const option = (name, fallback) => {
  const at = process.argv.indexOf(`--${name}`);
  return at > 0 ? process.argv[at + 1] : fallback;
};
const scale = option("scale", "1");
const rounds = Number(option("rounds", "3"));
const parts = option("only", "full,day,kpis").split(",");
const faults = option("faults", "2");
const until = "2026-05-31";
const { startPostgres } = await import(join(root, "dist/generator/demo-postgres.js"));
const base = mkdtempSync(join(tmpdir(), "shoplake-bench-"));
const dir = join(base, "shop");

function writeProject() {
  cpSync(join(root, "templates/commerce"), dir, { recursive: true });
  mkdirSync(join(dir, "node_modules"), { recursive: true });
  symlinkSync(root, join(dir, "node_modules/shoplake"));
  const config = join(dir, "shoplake.config.ts");
  writeFileSync(config, readFileSync(config, "utf8").replace("// sinks:", "sinks:"));
}

/** One database of the server by another name. */
function database(url, name) {
  const other = new URL(url);
  other.pathname = name;
  return other.href;
}

async function admin(url, ...statements) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** A process and what PostgreSQL did for it meanwhile. */
async function measured(server, command, args, options = {}) {
  const before = cpuOfTree(server.pid);
  const result = await measure(command, args, { cwd: dir, ...options });
  return { ...result, postgres: round(cpuOfTree(server.pid) - before) };
}

const cliOf =
  (server, urls) =>
  (...args) =>
    measured(server, process.execPath, [join(root, "dist/cli/main.js"), ...args], {
      env: { ...process.env, SHOP_DATABASE_URL: urls.shop, GOLD_DATABASE_URL: urls.gold },
    });

async function emptyGold(urls) {
  await admin(
    urls.server,
    "DROP DATABASE IF EXISTS ecommerce_gold WITH (FORCE)",
    "CREATE DATABASE ecommerce_gold",
  );
}

/** A full run of ours into an empty lake and an empty gold database. */
async function oursAnew(cli, urls) {
  rmSync(join(dir, ".shoplake"), { recursive: true, force: true });
  await emptyGold(urls);
  return cli("run", "--quiet");
}

async function rivalAnew(server, urls, env) {
  await emptyGold(urls);
  return measured(server, join(root, "bench/rival/run.sh"), [urls.shop, urls.gold, join(base, "rival")], {
    env: { ...process.env, ...env },
  });
}

/** NaN where the limit needs more memory than the engine may have. */
async function limitOf(server, urls) {
  const script = join(root, "bench/shop/limit-main.mjs");
  return measured(server, process.execPath, [script, urls.shop, urls.gold]).catch((error) => {
    if (!/memory limit exceeded/.test(error.message)) throw error;
    console.error("the limit: memory limit exceeded");
    return { cpu: Number.NaN, wall: Number.NaN, postgres: Number.NaN, memoryMb: Number.NaN };
  });
}

async function full(server, cli, urls) {
  const all = [];
  for (let i = 0; i < rounds; i++) {
    await emptyGold(urls);
    all.push({ limit: await limitOf(server, urls), ours: await oursAnew(cli, urls) });
  }
  all.sort((a, b) => a.ours.cpu / a.limit.cpu - b.ours.cpu / b.limit.cpu);
  const { limit, ours } = all[Math.floor(all.length / 2)];
  const start = median((await times(3, () => cli("query", "SELECT 1"))).map(({ cpu }) => cpu));
  const nothings = (await times(4, () => cli("run", "--quiet"))).map(({ cpu }) => cpu);
  const ofFull = (cpu) => round(((cpu - start) / ours.cpu) * 100, 1);
  print([
    ["limit: CPU s", limit.cpu],
    ["limit: wall s, PostgreSQL's CPU s, peak MB", [limit.wall, limit.postgres, limit.memoryMb].join("  ")],
    ["ours, full run: CPU s", ours.cpu],
    [
      "ours, full run: wall s, PostgreSQL's CPU s, peak MB",
      [ours.wall, ours.postgres, ours.memoryMb].join("  "),
      "memory at most 1200",
    ],
    ["ours / limit, CPU", round(ours.cpu / limit.cpu), "at most 1.5"],
    ["start-up, CPU s", start],
    ["nothing new, CPU s", nothings.join("  ")],
    ["nothing new less start-up, % of full: the first time", ofFull(nothings[0])],
    ["from the second time on", ofFull(median(nothings.slice(1))), "at most 3"],
  ]);
  return { ours, start };
}

async function day(cli, { ours, start }) {
  const costs = [];
  for (const date of ["2026-06-01", "2026-06-02", "2026-06-03"]) {
    await cli("generate", "--day", date, "--quiet");
    costs.push(await cli("run", "--quiet"));
  }
  const cpu = median(costs.map((cost) => cost.cpu));
  print([
    ["one more day: CPU s", cpu],
    ["one more day: PostgreSQL's CPU s", median(costs.map(({ postgres }) => postgres))],
    ["one more day less start-up, % of full", round(((cpu - start) / ours.cpu) * 100, 1), "at most 10"],
  ]);
}

async function kpis(urls) {
  const { openProject } = await import(join(root, "dist/host/open.js"));
  const env = { ...process.env, SHOP_DATABASE_URL: urls.shop, GOLD_DATABASE_URL: urls.gold };
  const project = await openProject({ dir, env });
  const { pid } = JSON.parse(readFileSync(join(dir, ".shoplake/engine.json"), "utf8"));
  const standard = { currency: "EUR", timezone: "Europe/Berlin", today: until };
  const costs = [];
  try {
    for (const { name, sql, parameters } of project.catalogue.project.queries) {
      const params = Object.fromEntries(
        Object.entries(parameters).map(([key, { default: value }]) => [key, value ?? standard[key]]),
      );
      const cpu = [];
      for (let i = 0; i < 5; i++) {
        const before = cpuOf(pid);
        await project.host.engine.rows(sql, { params });
        cpu.push(cpuOf(pid) - before);
      }
      costs.push([name, median(cpu)]);
    }
  } finally {
    await project.close();
  }
  costs.sort((a, b) => a[1] - b[1]);
  const p95 = costs[Math.ceil(costs.length * 0.95) - 1][1];
  print([
    ...costs.slice(-6).map(([name, cpu]) => [`${name}: CPU ms`, round(cpu * 1000, 0), "at most 1000"]),
    [`${costs.length} KPI queries: p95, CPU ms`, round(p95 * 1000, 0), "at most 300"],
  ]);
}

async function times(n, work) {
  const results = [];
  for (let i = 0; i < n; i++) results.push(await work());
  return results;
}

const server = await startPostgres({ dataDir: join(base, "pg") });
try {
  writeProject();
  const urls = { server: server.url, shop: server.url, gold: database(server.url, "ecommerce_gold") };
  await emptyGold(urls);
  const cli = cliOf(server, urls);
  const made = await cli(
    "generate",
    "--scale",
    scale,
    "--seed",
    "42",
    "--until",
    until,
    "--faults",
    faults,
    "--quiet",
  );
  print([
    [
      `generate --scale ${scale}: CPU s, PostgreSQL's CPU s, peak MB`,
      [made.cpu, made.postgres, made.memoryMb].join("  "),
    ],
  ]);
  await admin(urls.shop, "VACUUM ANALYZE", "CHECKPOINT");
  const onlyRival = parts.every((part) => part === "rival");
  const known = onlyRival ? undefined : await full(server, cli, urls);
  if (parts.includes("rival"))
    await rival({
      gold: urls.gold,
      rounds,
      oursAnew: () => oursAnew(cli, urls),
      rivalAnew: (env) => rivalAnew(server, urls, env),
    });
  if (parts.includes("day")) await day(cli, known);
  if (parts.includes("kpis")) await kpis(urls);
} finally {
  await server.stop();
  rmSync(base, { recursive: true, force: true });
}
