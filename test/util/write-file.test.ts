/** Files that appear whole or not at all, and what is said when the file system refuses. */
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { createGzip, gunzipSync } from "node:zlib";
import { afterAll, expect, test } from "vitest";
import { ShoplakeError } from "../../src/util/errors.ts";
import { fileFault } from "../../src/util/file-fault.ts";
import { writeWhole } from "../../src/util/write-file.ts";

const dir = mkdtempSync(join(tmpdir(), "shoplake-write-"));
afterAll(() => rmSync(dir, { recursive: true, force: true }));
const at = (name: string) => join(dir, name);
const leftovers = () => readdirSync(dir).filter((name) => name.endsWith(".tmp"));

test("a text, and bytes through a transformation; a file that is there keeps its rights, a link stays a link", async () => {
  await writeWhole(at("a.txt"), "one\n");
  chmodSync(at("a.txt"), 0o640);
  symlinkSync(at("a.txt"), at("link.txt"));
  await writeWhole(at("link.txt"), "two\n");
  expect(readFileSync(at("a.txt"), "utf8")).toBe("two\n");
  expect(statSync(at("a.txt")).mode & 0o777).toBe(0o640);
  expect(readlinkSync(at("link.txt"))).toBe(at("a.txt"));
  await writeWhole(at("a.gz"), [
    Readable.from([Buffer.from("x".repeat(200_000)), Buffer.from("y")]),
    createGzip(),
  ]);
  expect(gunzipSync(readFileSync(at("a.gz"))).toString()).toBe(`${"x".repeat(200_000)}y`);
  expect(leftovers()).toEqual([]);
});

test("a source that fails, and a stop, leave the old file and nothing else", async () => {
  await writeWhole(at("kept.txt"), "old\n");
  async function* failing() {
    yield Buffer.from("half");
    throw new ShoplakeError("engine", "the engine said no");
  }
  await expect(writeWhole(at("kept.txt"), [Readable.from(failing())])).rejects.toThrow("the engine said no");
  const stopped = new AbortController();
  async function* endless() {
    for (let n = 0; ; n++) {
      if (n === 3) stopped.abort();
      yield Buffer.from("more");
    }
  }
  const { signal } = stopped;
  await expect(writeWhole(at("kept.txt"), [Readable.from(endless())], { signal })).rejects.toThrow();
  expect(readFileSync(at("kept.txt"), "utf8")).toBe("old\n");
  expect(leftovers()).toEqual([]);
});

test("without being told to, nothing is replaced", async () => {
  writeFileSync(at("mine.txt"), "mine");
  await expect(writeWhole(at("mine.txt"), "yours", { replace: false })).rejects.toMatchObject({ code: "io" });
  expect(readFileSync(at("mine.txt"), "utf8")).toBe("mine");
  expect(leftovers()).toEqual([]);
});

test.each([
  [
    "a folder that is missing",
    "nowhere/f.txt",
    "there is no such file or folder",
    /make the folder .*nowhere/,
  ],
  ["a file where a folder should be", "afile/f.txt", "a part of the path is a file", /in a folder/],
  ["a folder", "afolder", "it is a folder", /name a file/],
  ["a name that is too long", `${"n".repeat(300)}.txt`, "the name is too long", /shorter name/],
  ["a link that goes round", "round", "its links go round in a circle", /remove one of the links/],
])("%s: says what to do", async (_what, name, message, hint) => {
  writeFileSync(at("afile"), "");
  mkdirSync(at("afolder"), { recursive: true });
  rmSync(at("round"), { force: true });
  symlinkSync(at("round"), at("round"));
  await expect(writeWhole(at(name), "text")).rejects.toMatchObject({
    code: "io",
    message: expect.stringContaining(`${at(name)}: ${message}`),
    details: { hint: expect.stringMatching(hint) },
  });
  expect(leftovers()).toEqual([]);
});

test.skipIf(process.platform !== "linux")(
  "a device is written into, and stays a device; a full one says so",
  async () => {
    await writeWhole("/dev/null", "text");
    expect(statSync("/dev/null").isCharacterDevice()).toBe(true);
    await expect(writeWhole("/dev/full", "text")).rejects.toMatchObject({
      code: "io",
      message: "/dev/full: the disk is full",
    });
  },
);

test.skipIf(process.platform !== "linux")("a place where nobody may write", async () => {
  await expect(writeWhole("/sys/shoplake.txt", "text")).rejects.toMatchObject({
    code: "io",
    details: { hint: expect.stringContaining("give yourself the right") },
  });
});

test("errors of other kinds are left as they are", () => {
  expect(fileFault(new Error("no code"))).toBeUndefined();
  expect(fileFault(new ShoplakeError("usage", "x"))).toBeUndefined();
  const spawn = Object.assign(new Error("spawn nope ENOENT"), { code: "ENOENT", syscall: "spawn nope" });
  expect(fileFault(spawn)).toBeUndefined();
  const refused = Object.assign(new Error("connect EACCES"), { code: "EACCES", syscall: "connect" });
  expect(fileFault(refused)).toBeUndefined();
});
