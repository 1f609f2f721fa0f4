/** Finds the project a command is about and opens it, everything loaded only now. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { CatalogueOptions } from "../host/catalogue.ts";
import type { OpenedHost } from "../host/host.ts";
import type { OpenedProject, OpenOptions } from "../host/open.ts";
import { ShoplakeError } from "../util/errors.ts";
import { type CliContext, say } from "./context.ts";

const configNames = [
  "shoplake.config.ts",
  "shoplake.config.mts",
  "shoplake.config.js",
  "shoplake.config.mjs",
];

/** Absolute folder of the project: --project, else the nearest one upwards from where the user stands. */
export function findProject(context: CliContext): string {
  const { project } = context.flags;
  if (project !== undefined) {
    const dir = resolve(context.cwd, project);
    if (holdsConfig(dir)) return dir;
    throw new ShoplakeError("usage", `${dir} holds no shoplake.config.ts`, {
      where: `--project ${project}`,
      hint: `write a project there: shoplake init ${project}`,
    });
  }
  for (let dir = context.cwd; ; dir = dirname(dir)) {
    if (holdsConfig(dir)) return dir;
    if (dirname(dir) === dir) break;
  }
  throw new ShoplakeError(
    "usage",
    "there is no project here: no shoplake.config.ts in this folder or above",
    {
      where: context.cwd,
      hint: "go to a project, name one with --project <dir>, or write one: shoplake init my-shop",
    },
  );
}

/** Opens the host of the project, hands it to `use`, and closes it whatever happens. No source and no sink is opened. */
export async function withHost<T>(context: CliContext, use: (host: OpenedHost) => Promise<T>): Promise<T> {
  const { openProjectHost } = await import("../host/open.ts");
  const host = await openProjectHost(openOptions(context));
  return closing(context, host, use);
}

/** Opens the project with its engine and resolves it, hands it to `use`, and closes it whatever happens. */
export async function withProject<T>(
  context: CliContext,
  use: (project: OpenedProject) => Promise<T>,
  options: CatalogueOptions = {},
): Promise<T> {
  const { openProject } = await import("../host/open.ts");
  const project = await openProject({ ...openOptions(context), ...options });
  return closing(context, project, use);
}

async function closing<P extends { close(): Promise<void> }, T>(
  { signal }: CliContext,
  opened: P,
  use: (opened: P) => Promise<T>,
): Promise<T> {
  try {
    signal.throwIfAborted();
    return await use(opened);
  } finally {
    await opened.close();
  }
}

function openOptions(context: CliContext): OpenOptions {
  const warn = (message: string): void => say(context, `warning: ${message}`);
  return { dir: findProject(context), env: context.env, clock: context.clock, warn };
}

function holdsConfig(dir: string): boolean {
  return configNames.some((name) => existsSync(join(dir, name)));
}
