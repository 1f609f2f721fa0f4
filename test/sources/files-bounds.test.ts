/** What a source of files holds at once does not grow with the folder or with its errors. */
import * as fc from "fast-check";
import { expect, it } from "vitest";
import { keepReject } from "../../src/sources/files/check/rejects.ts";
import { batches } from "../../src/sources/files/choose/batches.ts";
import type { RejectedInput } from "../../src/sources/source.ts";

const megabyte = 1 << 20;

it("an extract takes at most 64 files and about 128 MB unpacked, or one file", () => {
  const file = fc.record({
    size: fc.integer({ min: 0, max: 200 * megabyte }),
    path: fc.constantFrom("a.csv", "a.csv.gz"),
  });
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          file,
          file.map((one) => ({ ...one, size: 10 })),
        ),
        { maxLength: 300 },
      ),
      (files) => {
        const groups = batches(files.map((one) => ({ file: one })));
        expect(groups.flat().map((item) => item.file)).toEqual(files);
        for (const group of groups) {
          const unpacked = group.reduce(
            (sum, { file: { path, size } }) => sum + (path.endsWith("gz") ? 8 : 1) * size,
            0,
          );
          expect(group.length).toBeLessThanOrEqual(64);
          if (group.length > 1) expect(unpacked).toBeLessThanOrEqual(128 * megabyte);
        }
      },
    ),
  );
});

it("a file of which more than 100,000 records or 256 MB cannot be read is an error, not a list of rejects", () => {
  const kept = (raw: string): number => {
    const rejected: RejectedInput[] = [];
    const reject = { sourceRef: "a.csv:1", rule: "wrong_column_count", reason: "one too few.", raw };
    try {
      while (rejected.length < 150_000) keepReject(rejected, reject);
    } catch (error) {
      expect(error).toMatchObject({ code: "source", message: /^Too much of the file cannot be read/ });
    }
    return rejected.length;
  };
  expect(kept("x")).toBe(100_001);
  expect(kept("x".repeat(megabyte))).toBeLessThanOrEqual(258);
});
