/** Opens the project that a command is about; everything is loaded only now. */
import type { CatalogueOptions } from "../host/catalogue.ts";
import { findProject } from "../host/find-project.ts";
import type { OpenedHost } from "../host/host.ts";
import type { OpenedProject, OpenOptions } from "../host/open.ts";
import { type CliContext, say } from "./context.ts";

/** Absolute folder of the project: --project, else the nearest one upwards from the user's folder. Throws `usage`. */
export function projectFolder({ cwd, flags }: CliContext): string {
  return findProject({ cwd, project: flags.project });
}

/** Opens the host of the project, hands it to `use`, and closes it whatever happens. No source and no sink is opened. */
export async function withHost<T>(context: CliContext, use: (host: OpenedHost) => Promise<T>): Promise<T> {
  const { openProjectHost } = await import("../host/open.ts");
  const host = await openProjectHost(openOptions(context));
  return closing(context, host, use);
}

/** What a command needs that only looks at a project: no source is asked, and what is wrong is left out with a warning. */
export const lookingOnly: CatalogueOptions = { askSources: false, leaveOutWrong: true };

/** Opens the project with its engine and resolves it, hands it to `use`, and closes it whatever happens. */
export async function withProject<T>(
  context: CliContext,
  use: (project: OpenedProject) => Promise<T>,
  options: CatalogueOptions = {},
): Promise<T> {
  const { openProject } = await import("../host/open.ts");
  const { signal } = context;
  const project = await openProject({ ...openOptions(context), signal, ...options });
  return closing(context, project, use);
}

/** What went wrong first is what is told. */
async function closing<P extends { close(): Promise<void> }, T>(
  { signal }: CliContext,
  opened: P,
  use: (opened: P) => Promise<T>,
): Promise<T> {
  let result: T;
  try {
    signal.throwIfAborted();
    result = await use(opened);
  } catch (error) {
    await opened.close().catch(() => undefined);
    throw error;
  }
  await opened.close();
  return result;
}

function openOptions(context: CliContext): OpenOptions {
  const warn = (message: string): void => say(context, `warning: ${message}`);
  return { dir: projectFolder(context), env: context.env, clock: context.clock, warn };
}
