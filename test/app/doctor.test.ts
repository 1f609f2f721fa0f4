import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { diskSpace, examine, nodeVersion } from "../../src/app/doctor.ts";
import { writeTemplate } from "../../src/app/init.ts";
import { localStore } from "../../src/lake/store/local.ts";
import { openOwner } from "../../src/state/owners.ts";
import { sweepSpool } from "../../src/util/spool.ts";

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

  test("what it unpacks is left alone by a run beside it, and gone when it ends", async () => {
    const project = join(dir, "project");
    await writeTemplate("minimal", project);
    const stateDir = join(project, ".shoplake");
    const run = openOwner({ store: localStore(join(stateDir, "lake")), startedAt: new Date() });
    const isAlive = async (owner: string) => (await run.lifeOf(owner)) === "alive";
    const signal = new AbortController().signal;
    const swept: string[] = [];
    const examination = { cwd: project, project: undefined, env: {}, clock: () => new Date(), signal };
    for await (const { subject, verdict } of examine(examination)) {
      if (subject !== "source shop") continue;
      expect(verdict).toBe("ok");
      expect(readdirSync(join(stateDir, "spool"))).toHaveLength(1);
      swept.push(...(await sweepSpool(stateDir, isAlive)));
    }
    expect(swept).toEqual([]);
    expect(readdirSync(join(stateDir, "spool"))).toEqual([]);
    expect(readdirSync(join(stateDir, "lake/_owners"))).toEqual([]);
  });
});
