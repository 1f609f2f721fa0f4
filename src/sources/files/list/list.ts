/** Which files a table has now, of a folder or of a bucket. */
import { ShoplakeError } from "../../../util/errors.ts";
import type { ProbeContext } from "../../source.ts";
import type { FilesTableConfig } from "../options.ts";
import { folderOf, listLocal, type StoredFile } from "./local.ts";
import { listS3, reachS3 } from "./s3.ts";

/** All files that match, ordered by path. Throws `source` when the folder or bucket cannot be listed. */
export function listFiles(
  { path, s3 }: FilesTableConfig,
  { projectDir, signal }: ProbeContext,
): Promise<StoredFile[]> {
  return isLocal(path) ? listLocal(path, projectDir) : listS3(path, accessTo(path, s3), signal);
}

/** Throws what `listFiles` would throw for a folder or bucket that is not there. Gives its name. */
export async function reach(
  { path, s3 }: FilesTableConfig,
  { projectDir, signal }: ProbeContext,
): Promise<string> {
  return isLocal(path) ? await folderOf(path, projectDir) : await reachS3(path, accessTo(path, s3), signal);
}

function isLocal(path: string): boolean {
  return !path.startsWith("s3://");
}

function accessTo(path: string, s3: FilesTableConfig["s3"]): NonNullable<FilesTableConfig["s3"]> {
  if (s3 !== undefined) return s3;
  throw new ShoplakeError("config", `${path} needs the \`s3\` options.`, {
    allowed: "endpoint, region, accessKeyId, secretAccessKey",
  });
}
