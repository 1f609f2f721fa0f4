import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";

/** A project folder with these files, removed when the test has ended. */
export function projectFolder(files: Readonly<Record<string, string>>): string {
  const dir = mkdtempSync(join(tmpdir(), "shoplake-project-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, name)), { recursive: true });
    writeFileSync(join(dir, name), text);
  }
  return dir;
}

export const minimalConfig = `import { defineProject, files } from "shoplake";
export default defineProject({
  name: "shop",
  sources: { feed: files({ path: "inbox/*.csv", format: "csv", table: "orders", key: "order_id" }) },
});
`;
