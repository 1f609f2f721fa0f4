/** INSERT with data: the engine reads the rows from the spooled file. */
import { text } from "../sql.ts";
import type { InsertData } from "./statement.ts";

/** The statement with `file` in place of its data. */
export function insertFrom(bytes: Buffer, insert: InsertData, file: string): string {
  const slice = (start: number, end: number) => bytes.subarray(start, end).toString();
  const { input, settings } = insert;
  if (input) {
    const structure = slice(input.structure.start, input.structure.end);
    const source = `file(${text(file)}, ${text(insert.format)}, ${structure}, 'none')`;
    return `${slice(0, input.call.start)}${source}${slice(input.call.end, insert.head)}`;
  }
  const own = settings ? slice(settings.start, settings.end) : "";
  return `${slice(0, insert.head)} FROM INFILE ${text(file)} COMPRESSION 'none' ${own} FORMAT ${insert.format}`;
}
