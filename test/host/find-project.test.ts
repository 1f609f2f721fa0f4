import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { findProject } from "../../src/host/find-project.ts";

const dir = mkdtempSync(join(tmpdir(), "shoplake-find-"));
afterAll(() => rmSync(dir, { recursive: true }));

describe("the project a command is about", () => {
  test("is looked for upwards, or named", () => {
    mkdirSync(join(dir, "shop/models/silver"), { recursive: true });
    writeFileSync(join(dir, "shop/shoplake.config.ts"), "");
    expect(findProject({ cwd: join(dir, "shop/models/silver"), project: undefined })).toBe(join(dir, "shop"));
    expect(findProject({ project: "shop", cwd: dir })).toBe(join(dir, "shop"));
  });

  test("says what to do when there is none", () => {
    expect(() => findProject({ cwd: dir, project: undefined })).toThrow("there is no project here");
    expect(() => findProject({ project: "nowhere", cwd: dir })).toThrow("holds no shoplake.config.ts");
  });
});
