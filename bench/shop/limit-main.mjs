// `node limit-main.mjs FROM_URL TO_URL`: one run of the limit as a process of its own, engine included.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { runLimit } from "./limit.mjs";

const root = resolve(import.meta.dirname, "../..");
const { openProject } = await import(join(root, "dist/host/open.js"));
const { makeFifo } = await import(join(root, "dist/util/fifo.js"));
const [, , from, to] = process.argv;
const dir = mkdtempSync(join(tmpdir(), "shoplake-limit-"));
writeFileSync(join(dir, "shoplake.config.mjs"), `export default { name: "limit" };`);
const project = await openProject({ dir });
try {
  await runLimit({ engine: project.host.engine, dir, from, to, makeFifo });
} finally {
  await project.close();
  rmSync(dir, { recursive: true, force: true });
}
