/**
 * The first question of clickhouse-go. It reads the answer in the Native format of the protocol revision it asked for; the
 * embedded engine writes revision 0 only, so the answer is written here, and says revision 0 for all that follows.
 */
import type { ServerContext } from "./context.ts";

const QUESTION = /^\s*SELECT displayName\(\), version\(\), revision\(\), timezone\(\)\s*;?\s*$/;
/** Revisions from which a block starts with its info and columns name their serialization. */
const REVISION_WITH_INFO = 54_454;

/** True for the first statement of clickhouse-go. */
export function isHello(sql: string, params: URLSearchParams): boolean {
  const revision = Number(params.get("client_protocol_version") ?? 0);
  return revision >= REVISION_WITH_INFO && params.get("default_format") === "Native" && QUESTION.test(sql);
}

/** One row of four columns in Native format. */
export function helloBlock({ displayName, database }: ServerContext): Buffer {
  const blockInfo = Buffer.from([1, 0, 2, 255, 255, 255, 255, 0]);
  const [columns, rows] = [4, 1];
  return Buffer.concat([
    blockInfo,
    Buffer.from([columns, rows]),
    column("displayName()", "String", shortText(displayName)),
    column("version()", "String", shortText(database.version)),
    column("revision()", "UInt32", Buffer.alloc(4)),
    column("timezone()", "String", shortText("UTC")),
  ]);
}

function column(name: string, type: string, data: Buffer): Buffer {
  const defaultSerialization = Buffer.from([0]);
  return Buffer.concat([shortText(name), shortText(type), defaultSerialization, data]);
}

/** Length in one byte, then the text: for less than 128 bytes. */
function shortText(value: string): Buffer {
  const bytes = Buffer.from(value).subarray(0, 127);
  return Buffer.concat([Buffer.from([bytes.length]), bytes]);
}
