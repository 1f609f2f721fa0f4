/** What a shoplake.config.ts imports. Kept light: it is read at every start. */
export {
  type AdapterSpec,
  defineProject,
  type FilesSinkSpec,
  type FilesSourceSpec,
  type FilesTableSpec,
  files,
  type PostgresSinkSpec,
  type PostgresSourceSpec,
  type PostgresTableSpec,
  type ProjectSpec,
  postgres,
  type S3Spec,
  type SchemaPolicy,
  type Text,
} from "./project/define.ts";
export { type EnvReference, env } from "./project/env.ts";
