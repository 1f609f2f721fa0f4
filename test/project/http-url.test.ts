import { expect, it } from "vitest";
import { httpUrl } from "../../src/project/options.ts";

it.each(["http://127.0.0.1:9000", "https://s3.example", "http://[::1]:1/path", "https://h/"])(
  "takes %s as an address",
  (url) => {
    expect(httpUrl().parse(url)).toBe(url);
  },
);

it.each([
  "u:Hunter2SECRET@host:9000",
  "http://u:Hunter2SECRET@host",
  "http://host?password=Hunter2SECRET",
  "http://host#Hunter2SECRET",
  "http://u:Hunter2/SECRET@host",
  "host",
  "http://",
  "ftp://host",
])("refuses %s and does not repeat it", (url) => {
  const { error } = httpUrl().safeParse(url);
  expect(error?.message).toContain("http://host:port");
  expect(error?.message).not.toContain("Hunter2");
});
