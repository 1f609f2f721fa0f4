/** Files in a bucket of a real S3 server. */
import { gzipSync } from "node:zlib";
import { AwsClient } from "aws4fetch";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { listS3 } from "../../src/sources/files/list/s3.ts";
import { embeddedForTests, type TestEngine } from "../engine/harness.ts";
import { hasService, s3Keys, secret, startS3, type TestS3 } from "../lake/services.ts";
import { newInbox } from "./files-harness.ts";

describe.skipIf(!hasService("s3"))("files on S3", () => {
  let engine: TestEngine;
  let s3: TestS3;
  const client = new AwsClient({
    accessKeyId: s3Keys.id,
    secretAccessKey: s3Keys.secret,
    region: "us-east-1",
    service: "s3",
  });
  beforeAll(async () => {
    engine = await embeddedForTests();
    s3 = await startS3();
    await s3.makeBucket("feeds");
  });
  afterAll(async () => {
    await s3?.stop();
    await engine?.stop();
  });

  const put = async (key: string, body: string | Buffer) => {
    const path = key.split("/").map(encodeURIComponent).join("/");
    const response = await client.fetch(`${s3.endpoint}/feeds/${path}`, {
      method: "PUT",
      body: new Uint8Array(Buffer.from(body)),
    });
    expect(response.status).toBe(200);
  };
  const access = (key = s3Keys.secret) => ({
    endpoint: s3.endpoint,
    region: "us-east-1",
    accessKeyId: secret(s3Keys.id),
    secretAccessKey: secret(key),
  });

  it("takes objects once, by key and content", async () => {
    const inbox = newInbox(engine, { path: "s3://feeds/in/*.csv*", s3: access() });
    expect(await inbox.take()).toEqual({ added: 0, rejected: 0, extracts: 0 });
    await put("in/a&b ü.csv", "id,name\n1,one\n");
    await put("in/b.csv.gz", gzipSync("id,name\n2,two\nbad\n"));
    await put("in/deeper/c.csv", "id\n3\n");
    await put("other/d.csv", "id\n4\n");
    expect(await inbox.take()).toEqual({ added: 2, rejected: 1, extracts: 1 });
    expect(await inbox.bronze.rows()).toMatchObject([
      { id: "1", name: "one", _file: "in/a&b ü.csv", _row: "1" },
      { id: "2", name: "two", _file: "in/b.csv.gz", _row: "1" },
    ]);
    await put("in/again.csv", "id,name\n1,one\n");
    await put("in/b.csv.gz", gzipSync("id,name\n22,two\n"));
    await inbox.take();
    expect((await inbox.bronze.rows<{ id: string }>()).map(({ id }) => id)).toEqual(["1", "22"]);
    expect(await inbox.take()).toMatchObject({ extracts: 0 });
  });

  it("lists more objects than one answer holds", async () => {
    for (let i = 0; i < 7; i++) await put(`many/${i}.csv`, "id\n1\n");
    const files = await listS3("s3://feeds/many/[0-9].csv", access(), new AbortController().signal, 2);
    expect(files.map(({ path }) => path)).toEqual(Array.from({ length: 7 }, (_, i) => `many/${i}.csv`));
  });

  it("names server and bucket, never the keys, when they are wrong", async () => {
    const inbox = newInbox(engine, { path: "s3://feeds/in/*.csv", s3: access("wrong-secret") });
    const error: unknown = await inbox.take().catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: "source", message: expect.stringContaining("403") });
    expect(JSON.stringify(error)).not.toContain("wrong-secret");
  });
});
