/** The checks of `shoplake doctor`: each looks at one thing and says ok, warn or fail with what to do. */
import { existsSync } from "node:fs";
import { access, constants, statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { readAddress } from "../engine/discovery.ts";
import { findProject, type Whereabouts } from "../host/find-project.ts";
import { problemLine } from "../project/issues.ts";
import { type LoadResult, readProject } from "../project/load.ts";
import type { Project } from "../project/project.ts";
import { bytes, counted } from "../util/amounts.ts";
import { messageOf, type Problem } from "../util/errors.ts";
import { isAlive } from "../util/is-alive.ts";
import { openStateFolder } from "../util/private-files.ts";
import { type Examination, examineSystems, type Finding, failed } from "./doctor-systems.ts";

/** Looks at everything in turn; a project or engine that cannot be opened ends what depends on it. */
export async function* examine(examination: Examination & Whereabouts): AsyncGenerator<Finding> {
  yield nodeVersion(process.versions.node);
  const project = yield* projectFindings(examination);
  if (project === undefined) return;
  yield await diskSpace(project.stateDir);
  yield await stateFolder(project.stateDir);
  yield await runningEngine(project);
  yield* examineSystems(examination, project);
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

/** Can the project's state be written? Makes its folder when there is none. */
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

/** Sources and sinks that lack a variable are told here and left out of what is looked at later. */
async function* projectFindings(
  examination: Examination & Whereabouts,
): AsyncGenerator<Finding, Project | undefined> {
  const { loadKinds } = await import("../host/kinds.ts");
  try {
    const dir = findProject(examination);
    const { project, problems, unset } = await readProject(dir, {
      env: examination.env,
      kinds: await loadKinds(),
    });
    for (const problem of problems) yield problemFinding(problem);
    if (project && problems.length === 0) yield projectFinding(project);
    return project && withoutParts(project, unset);
  } catch (error) {
    yield failed("project", error);
    return undefined;
  }
}

function projectFinding({ name, models, sources, sinks }: Project): Finding {
  const parts = [
    counted(models.length, "model"),
    counted(Object.keys(sources).length, "source"),
    counted(Object.keys(sinks).length, "sink"),
  ];
  return { subject: "project", verdict: "ok", message: `${name}: ${parts.join(", ")}` };
}

function withoutParts(project: Project, unset: LoadResult["unset"]): Project {
  const lacking = new Set(unset.map(({ part }) => part));
  const kept = <T>(place: string, parts: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(parts).filter(([name]) => !lacking.has(`${place}.${name}`)));
  return { ...project, sources: kept("sources", project.sources), sinks: kept("sinks", project.sinks) };
}

function problemFinding(problem: Problem): Finding {
  const { hint } = problem;
  return {
    subject: "project",
    verdict: "fail",
    message: problemLine(problem),
    ...(hint === undefined ? {} : { hint }),
  };
}

async function runningEngine(project: Project): Promise<Finding> {
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

function existing(dir: string): string {
  return existsSync(dir) || dirname(dir) === dir ? dir : existing(dirname(dir));
}
