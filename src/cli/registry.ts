/** The commands, in the order of the help. A test compares this list with the folder. */
import type { CommandSpec } from "./command.ts";

/** A command as the help lists it. */
export interface RegisteredCommand {
  /** As it is typed; the name of its file. */
  readonly name: string;
  /** One line of `shoplake --help`. */
  readonly summary: string;
  /** The command's module, read only when the command is used. */
  readonly load: () => Promise<{ readonly command: CommandSpec }>;
}

/** All commands. */
export const commands: readonly RegisteredCommand[] = [
  { name: "init", summary: "write a new project", load: () => import("./commands/init.ts") },
  {
    name: "demo",
    summary: "watch a generated shop flow to its KPIs",
    load: () => import("./commands/demo.ts"),
  },
  {
    name: "generate",
    summary: "write a synthetic shop: PostgreSQL or files",
    load: () => import("./commands/generate.ts"),
  },
  { name: "plan", summary: "show what a run would do, and why", load: () => import("./commands/plan.ts") },
  { name: "run", summary: "bring datasets up to date", load: () => import("./commands/run.ts") },
  {
    name: "reload",
    summary: "read a source again from the start",
    load: () => import("./commands/reload.ts"),
  },
  { name: "check", summary: "run checks on published data", load: () => import("./commands/check.ts") },
  { name: "test", summary: "run the unit tests of models", load: () => import("./commands/test.ts") },
  { name: "query", summary: "run SQL or a named query", load: () => import("./commands/query.ts") },
  { name: "show", summary: "show a dataset and its first rows", load: () => import("./commands/show.ts") },
  { name: "history", summary: "list the versions of a dataset", load: () => import("./commands/history.ts") },
  { name: "lineage", summary: "show what a dataset is made of", load: () => import("./commands/lineage.ts") },
  { name: "docs", summary: "write the data dictionary", load: () => import("./commands/docs.ts") },
  {
    name: "quarantine",
    summary: "look at, replay, discard rejects",
    load: () => import("./commands/quarantine.ts"),
  },
  { name: "runs", summary: "list runs, or show one", load: () => import("./commands/runs.ts") },
  { name: "logs", summary: "print the events of a run", load: () => import("./commands/logs.ts") },
  {
    name: "maintain",
    summary: "compact, checkpoint, vacuum the lake",
    load: () => import("./commands/maintain.ts"),
  },
  { name: "export", summary: "write a dataset to a file", load: () => import("./commands/export.ts") },
  {
    name: "doctor",
    summary: "check that everything needed works",
    load: () => import("./commands/doctor.ts"),
  },
  { name: "config", summary: "show the project's configuration", load: () => import("./commands/config.ts") },
  {
    name: "completion",
    summary: "print a shell completion script",
    load: () => import("./commands/completion.ts"),
  },
];
