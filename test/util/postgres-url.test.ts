import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { loadKinds } from "../../src/host/kinds.ts";
import { loadProject } from "../../src/project/load.ts";
import { options as sinkOptions } from "../../src/sinks/postgres/options.ts";
import { postgresSink } from "../../src/sinks/postgres/sink.ts";
import { options } from "../../src/sources/postgres/options.ts";
import { postgresSource } from "../../src/sources/postgres/source.ts";
import { ShoplakeError } from "../../src/util/errors.ts";
import { postgresPlace } from "../../src/util/postgres.ts";
import { postgresAddress } from "../../src/util/postgres-url.ts";
import { projectFolder } from "../project/folder.ts";

const password = "Hunter2SECRET";

/** Everything that a person may be shown. */
function shown(work: () => unknown): string {
  try {
    return JSON.stringify(work()) ?? "";
  } catch (error) {
    if (!(error instanceof ShoplakeError)) throw error;
    expect(error.code).toBe("config");
    return `${error.message} ${JSON.stringify(error.details)}`;
  }
}

describe("the URL of a PostgreSQL server", () => {
  it("is read into host, port and database", () => {
    expect(postgresAddress("postgres://u:p@db.example:5433/shop")).toEqual({
      host: "db.example",
      port: 5433,
      database: "shop",
      user: "u",
    });
    expect(postgresPlace("postgresql://u:p%40%3A%2F@127.0.0.1/my%20shop?sslmode=require")).toBe(
      "127.0.0.1:5432/my shop",
    );
    expect(postgresPlace("postgres://u:p@[::1]:1/d")).toBe("[::1]:1/d");
    expect(postgresPlace("postgres://%2Ftmp%2Fpg/d")).toBe("/tmp/pg:5432/d");
    expect(postgresPlace("postgres:///d?user=u&host=/tmp/pg&port=7")).toBe("/tmp/pg:7/d");
    expect(postgresPlace("postgres://h")).toBe("h:5432");
  });

  it.each([
    "u:$@127.0.0.1:55431/src",
    "u:$@127.0.0.1/src?x=1",
    "postgres:u:$@h/d",
    "postgres:/u:$@h/d",
    "postgres://u:1/$@h/d",
    "postgres://u:1#$@h/d",
    "postgres://u:1?$@h/d",
    "postgres://h;password=$/d",
    "postgres://h/d;password=$",
    "postgres://h/d&password=$",
    "postgres://h/d password=$",
    "postgres://h%3Bpassword%3D$/d",
    "postgres://h/d%3Fpassword%3D$",
    "postgres://h/d?host=u:$@h",
    "postgres://h/d?port=$",
    "postgres://u:%zz$@h/d",
    "jdbc:postgresql://h/d?password=$",
    "host=h user=u password=$ dbname=d",
    "password='$' host=h",
    "/tmp/pg $",
    "socket:/tmp?db=$",
    "  postgres://u:$@h/d",
    "http://u:$@h/d",
  ])("shows no password of %s", (spelled) => {
    const url = spelled.replace("$", password);
    for (const work of [
      () => postgresPlace(url),
      () => postgresSource("shop", options.parse({ url, tables: { t: {} } })).kind,
      () => postgresSink("out", sinkOptions.parse({ url, schema: "s" })).kind,
    ]) {
      const text = shown(work);
      expect(text).not.toContain(password);
      expect(text).toContain("percent-encoded");
    }
  });

  it("shows no password wherever it stands, with whatever around it", () => {
    const around = fc.constantFrom(
      "postgres://",
      "u:",
      "@",
      "h",
      "/",
      "d",
      "?",
      "#",
      "&",
      "=",
      ";",
      "1",
      "%40",
    );
    const parts = fc.array(around, { maxLength: 6 }).map((some) => some.join(""));
    fc.assert(
      fc.property(parts, parts, (before, after) => {
        const url = `${before}:${password}@${after}`;
        expect(shown(() => postgresPlace(url))).not.toContain(password);
      }),
      { numRuns: 3000 },
    );
  });

  it("is a problem of its sink, with the line; one that is not set is told as that", async () => {
    const dir = projectFolder({
      "shoplake.config.ts": `import { defineProject, env, postgres } from "shoplake";
export default defineProject({ name: "x", sinks: {
  one: postgres({ url: env("ONE"), schema: "s" }),
  two: postgres({ url: env("TWO"), schema: "s" }),
} });`,
    });
    const reading = loadProject(dir, { env: { ONE: `u:${password}@h/d` }, kinds: await loadKinds() });
    const error = await reading.catch((thrown: unknown) => thrown as ShoplakeError);
    expect(error).toMatchObject({
      code: "config",
      details: {
        problems: [
          { message: "sinks.one: The URL of the PostgreSQL server cannot be read.", line: 3 },
          { message: expect.stringContaining("environment variable TWO is not set"), line: 4 },
        ],
      },
    });
    expect(JSON.stringify(error)).not.toContain(password);
  });
});
