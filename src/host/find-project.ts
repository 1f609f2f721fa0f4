/** Finds the folder of the project that somebody is in, or names. */
import { dirname, resolve } from "node:path";
import { configFile } from "../project/config-file.ts";
import { ShoplakeError } from "../util/errors.ts";

/** Where a project is looked for. */
export interface Whereabouts {
  /** Absolute folder that the user is in. */
  readonly cwd: string;
  /** Folder that was named, relative to `cwd`; undefined: the nearest one upwards. */
  readonly project: string | undefined;
}

/** Absolute folder of the project. Throws `usage` when there is none. */
export function findProject({ cwd, project }: Whereabouts): string {
  if (project !== undefined) {
    const dir = resolve(cwd, project);
    if (configFile(dir) !== undefined) return dir;
    throw new ShoplakeError("usage", `${dir} holds no shoplake.config.ts`, {
      where: `--project ${project}`,
      hint: `write a project there: shoplake init ${project}`,
    });
  }
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (configFile(dir) !== undefined) return dir;
    if (dirname(dir) === dir) break;
  }
  throw new ShoplakeError(
    "usage",
    "there is no project here: no shoplake.config.ts in this folder or above",
    {
      where: cwd,
      hint: "go to a project, name one with --project <dir>, or write one: shoplake init my-shop",
    },
  );
}
