/** The checks of `shoplake doctor`: each looks at one thing and says ok, warn or fail with what to do. */
import { existsSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import type { CliContext } from "../cli/context.ts";
import { findProject } from "../cli/open.ts";
import { bytes, counted } from "../cli/terminal/style.ts";
import type { Project } from "../project/project.ts";
import { messageOf, type Problem } from "../util/errors.ts";
import { openStateFolder } from "../util/private-files.ts";
import { examineSystems, type Finding, failed } from "./doctor-systems.ts";

/** Looks at everything in turn; a project or engine that cannot be opened ends what depends on it. */
export async function* examine(context: CliContext): AsyncGenerator<Finding> {
  yield nodeVersion(process.versions.node);
  const project = yield* projectFindings(context);
  if (project === undefined) return;
  yield await diskSpace(project.stateDir);
  yield await stateFolder(project.stateDir);
  yield await runningEngine(project);
  yield* examineSystems(context, project);
}

/** Node 20.19 or newer. */
export function nodeVersion(version: string): Finding {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  const finding = { subject: "node", message: version } as const;
  return good
    ? { ...finding, verdict: "ok" }
    : { ...finding, verdict: "fail", hint: "install Node 20.19 or newer" };
}

const littleSpace = 2 * 1024 ** 3;
const noSpace = 200 * 1024 ** 2;

/** Free space where the project keeps its state. */
export async function diskSpace(stateDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(existing(stateDir));
  const free = bavail * bsize;
  const verdict = free < noSpace ? "fail" : free < littleSpace ? "warn" : "ok";
  const finding = { subject: "disk", verdict, message: `${bytes(free)} free at ${stateDir}` } as const;
  return verdict === "ok"
    ? finding
    : { ...finding, hint: "free space, or set stateDir and lake.path to a larger disk" };
}

export async function stateFolder(stateDir: string): Promise<Finding> {
  try {
    await openStateFolder(stateDir);
    await access(stateDir, constants.W_OK);
    return { subject: "state", verdict: "ok", message: `${stateDir} is writable` };
  } catch (error) {
    return {
      subject: "state",
      verdict: "fail",
      message: messageOf(error),
      hint: "give yourself the right to write there, or set stateDir",
    };
  }
}

async function* projectFindings(context: CliContext): AsyncGenerator<Finding, Project | undefined> {
  const { readProject } = await import("../project/load.ts");
  const { loadKinds } = await import("../host/kinds.ts");
  try {
    const dir = findProject(context);
    const { project, problems } = await readProject(dir, { env: context.env, kinds: await loadKinds() });
    for (const problem of problems) yield problemFinding(problem);
    if (project && problems.length === 0)
      yield {
        subject: "project",
        verdict: "ok",
        message: `${project.name}: ${counted(project.models.length, "model")}, ${counted(Object.keys(project.sources).length, "source")}, ${counted(Object.keys(project.sinks).length, "sink")}`,
      };
    return project;
  } catch (error) {
    yield failed("project", error);
    return undefined;
  }
}

function problemFinding({ message, file, line, hint }: Problem): Finding {
  const place = file === undefined ? "" : `${file}${line === undefined ? "" : `:${line}`}  `;
  return {
    subject: "project",
    verdict: "fail",
    message: place + message,
    ...(hint === undefined ? {} : { hint }),
  };
}

async function runningEngine(project: Project): Promise<Finding> {
  const { readAddress } = await import("../engine/discovery.ts");
  const address = await readAddress(project.stateDir);
  if (address === undefined)
    return { subject: "engine", verdict: "ok", message: "not running: a command starts its own" };
  if (isAlive(address.pid))
    return { subject: "engine", verdict: "ok", message: `running, process ${address.pid}, ${address.url}` };
  return {
    subject: "engine",
    verdict: "warn",
    message: `process ${address.pid} is gone, but its address file is still there`,
    hint: "nothing to do: the next command starts an engine and replaces the file",
  };
}

/** Is there a process with this id (ours or another user's)? */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}

function existing(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : existing(dirname(dir));
}
