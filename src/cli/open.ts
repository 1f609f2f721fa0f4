/** Finds the project a command is about and opens it, everything loaded only now. */
import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { Workspace } from "../pipeline/context.ts";
import { ShoplakeError } from "../util/errors.ts";
import type { CliContext } from "./context.ts";

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

/** Opens the project with its engine, hands it to `use`, and closes it whatever happens. */
export async function withWorkspace<T>(
  context: CliContext,
  use: (workspace: Workspace) => Promise<T>,
): Promise<T> {
  const dir = findProject(context);
  const { openWorkspace } = await import("../host/workspace.ts");
  const workspace = await openWorkspace({ dir, env: context.env, clock: context.clock });
  try {
    context.signal.throwIfAborted();
    return await use(workspace);
  } finally {
    await workspace.close();
  }
}

function holdsConfig(dir: string): boolean {
  return configNames.some((name) => existsSync(join(dir, name)));
}
