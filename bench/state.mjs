// What the memory of runs costs when it is full: 600,000 publications in 50,000 runs within 85 days, and 200,000 rejects,
// against an empty one. Prints the best time of each question and the ratio.
//
//   npm run build && node bench/state.mjs [publications] [rejects]
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { performance } from "node:perf_hooks";
import { openProjectHost } from "../dist/host/open.js";
import { openQuarantine } from "../dist/quality/quarantine.js";
import { recover } from "../dist/runs/index.js";

const publications = Number(process.argv[2] ?? 600_000);
const rejects = Number(process.argv[3] ?? 200_000);
const repeats = 9;
const dir = mkdtempSync(join(tmpdir(), "shoplake-bench-"));
writeFileSync(
  join(dir, "shoplake.config.ts"),
  `import { defineProject } from "shoplake";\nexport default defineProject({ name: "bench" });\n`,
);

const host = await openProjectHost({ dir });
const { engine, state } = host;
const quarantine = openQuarantine(engine, host.clock);
const questions = {
  "run start (recover)": () => recover(host),
  "newest publications": () => state.publications.newest(),
  "running runs": () => state.runs.list({ running: true }),
  "runs, newest 20": () => state.runs.list({ limit: 20 }),
  "history, newest 20": () => state.publications.list("silver.d7", 20),
  "quarantine counts": () => quarantine.counts(),
  "quarantine, newest 100": () => quarantine.list(),
};

/** Milliseconds of every question, the best of several: other work on the machine only adds to it. */
async function measure() {
  const best = {};
  for (const [name, ask] of Object.entries(questions)) {
    const times = [];
    for (let i = 0; i < repeats; i++) {
      const began = performance.now();
      await ask();
      times.push(performance.now() - began);
    }
    best[name] = Math.min(...times);
  }
  return best;
}

/** 25 datasets, 12 publications a run; those of two datasets replace a file each. */
async function fillPublications(count) {
  const time = `toDateTime64(now() - 86400 * 85 * (1 - number / ${count}), 3, 'UTC')`;
  await engine.command(
    `INSERT INTO ops.publications_log SELECT concat(if(number % 25 < 2, 'bronze.d', 'silver.d'), toString(number % 25)),
       intDiv(number, 25), concat('t', toString(number)), concat('r', toString(intDiv(number, 12))),
       if(number % 25 >= 2 AND number % 50 < 25, 'full', 'increment'),
       if(number % 25 < 2, [concat('inbox/f', toString(number), '.csv')], []), 100, 99, 1, 0, 100,
       '{"bronze.d0":"7f3a/19c2@41"}', ${time} FROM numbers(${count})`,
  );
  const run = `concat('r', toString(number)), state, ${time.replace(String(count), String(count / 12))}`;
  await engine.command(
    `INSERT INTO ops.runs_log (run_id, state, started_at, ended_at, selection, host, pid, tasks, error, owner, recorded_at)
     SELECT ${run}, NULL, '', 'mars', 7, 12, '', 'me', now64(3, 'UTC')
     FROM numbers(${Math.floor(count / 12)}) ARRAY JOIN ['running', 'success'] AS state`,
  );
}

/** Rejects of the last fiftieth of the publications: a tenth of them of files, the others of models. */
async function fillRejects(count) {
  const first = publications - Math.floor(publications / 50);
  const task = `${first} + number % ${publications - first}`;
  await engine.command(
    `INSERT INTO ops.quarantine_log (dataset, run_id, task_id, rule, dimension, reason, raw, raw_encoding, source_ref, key)
     SELECT concat(if(task % 25 < 2, 'bronze.d', 'silver.d'), toString(task % 25)), concat('r', toString(intDiv(task, 12))),
       concat('t', toString(task)), concat('rule_', toString(number % 5)), 'validity', 'is not valid',
       concat('{"id":', toString(number), ',"total":"-12.50","sku":"A-', toString(number % 977), '"}'), 'utf8',
       if(task % 25 < 2, concat('inbox/f', toString(task), '.csv:', toString(number)), concat('id=', toString(number))), toString(number)
     FROM (SELECT number, ${task} AS task FROM numbers(${count}))`,
  );
}

try {
  const columns = { empty: await measure() };
  await fillPublications(publications);
  columns[`${publications} publications`] = await measure();
  await fillRejects(rejects);
  columns[`and ${rejects} rejects`] = await measure();
  const [, full] = Object.values(columns);
  for (const name of Object.keys(questions)) {
    const cells = Object.entries(columns).map(([title, best]) => `${title} ${best[name].toFixed(1)} ms`);
    process.stdout.write(
      `${name.padEnd(24)} ${cells.join(", ")}; ratio ${(full[name] / columns.empty[name]).toFixed(2)}\n`,
    );
  }
} finally {
  await host.close();
  rmSync(dir, { recursive: true, force: true });
}
