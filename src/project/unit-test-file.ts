/** tests/*.yaml -> unit tests of models. A file holds one test, or a list of them. */
import { z } from "zod";
import type { Problem } from "../util/errors.ts";
import { object, type Path } from "./issues.ts";
import type { UnitTest } from "./project.ts";
import { parseYaml, readYaml, type YamlDocument } from "./yaml-document.ts";

const row = z.record(z.string(), z.unknown());
const rows = z.preprocess((value) => value ?? [], z.array(row));

const test = object({
  name: z.string().optional(),
  description: z.string().optional(),
  model: z.string(),
  given: z.record(z.string(), rows).default({}),
  expect: rows,
  parameters: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()]).transform(String))
    .default({}),
});

/** Reads a file's tests. A test without a name is called after the file. */
export function readUnitTests(file: string, content: string, problems: Problem[]): UnitTest[] {
  const document = readYaml({ file, text: content, firstLine: 1 });
  const list = Array.isArray(document.value);
  const items: unknown[] = Array.isArray(document.value) ? document.value : [document.value];
  const stem = file.replace(/^tests\//, "").replace(/\.ya?ml$/, "");
  return items.flatMap((value, i) => {
    const prefix: Path = list ? [i] : [];
    const part: YamlDocument = {
      value,
      lineOf: (path) => document.lineOf([...prefix, ...path]),
      problems: i === 0 ? document.problems : [],
    };
    const given = parseYaml(part, test, { file, subject: "", problems });
    if (!given) return [];
    return [
      {
        name: given.name ?? (list && items.length > 1 ? `${stem}_${i + 1}` : stem),
        model: given.model,
        file,
        line: part.lineOf([]) ?? 1,
        given: given.given,
        expect: given.expect,
        parameters: given.parameters,
      },
    ];
  });
}
