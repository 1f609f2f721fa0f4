import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { diskSpace, nodeVersion } from "../../src/app/doctor.ts";

const dir = mkdtempSync(join(tmpdir(), "shoplake-doctor-"));
afterAll(() => rmSync(dir, { recursive: true }));

describe("doctor", () => {
  test("node", () => {
    expect(
      ["18.20.0", "20.18.3", "20.19.0", "22.1.0", "24.0.0"].map((version) => nodeVersion(version).verdict),
    ).toEqual(["fail", "fail", "ok", "ok", "ok"]);
  });

  test("disk: also of a folder that does not exist yet", async () => {
    expect((await diskSpace(join(dir, "not/yet"))).message).toMatch(/ free at /);
  });
});
