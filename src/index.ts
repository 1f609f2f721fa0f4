/**
 * What a shoplake.config.ts imports: `defineProject`, `env` and the function of every kind of source and sink. Kept light: it is read
 * at every start.
 */
import type { AdapterSpec, SinkSpec, SourceSpec } from "./project/define.ts";
import type { FilesSinkSpec, PostgresSinkSpec } from "./sinks/registry.ts";
import type { FilesSourceSpec, PostgresSourceSpec } from "./sources/registry.ts";
import * as sources from "./sources/registry.ts";

export {
  type AdapterSpec,
  defineProject,
  type ProjectSpec,
  type S3Spec,
  type SchemaPolicy,
  type SinkSpec,
  type SourceSpec,
  type Text,
} from "./project/define.ts";
export { type EnvReference, env } from "./project/env.ts";
export * from "./sinks/registry.ts";
export * from "./sources/registry.ts";

// Kinds that are both: one name serves for a source and a sink.

/** Files: a source (with `path`) or a sink (with `directory`). */
export function files(options: FilesSourceSpec): SourceSpec<FilesSourceSpec>;
export function files(options: FilesSinkSpec): SinkSpec<FilesSinkSpec>;
export function files(options: object): AdapterSpec {
  return { kind: sources.files.kind, options };
}

/** A PostgreSQL database: a source (with `tables`) or a sink (with `schema`). */
export function postgres(options: PostgresSourceSpec): SourceSpec<PostgresSourceSpec>;
export function postgres(options: PostgresSinkSpec): SinkSpec<PostgresSinkSpec>;
export function postgres(options: object): AdapterSpec {
  return { kind: sources.postgres.kind, options };
}
