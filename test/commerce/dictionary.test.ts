/** The data dictionary that lies in the template is the one `shoplake docs` writes of a shop that ran. */
import { expect, it } from "vitest";
import { runCommandLine } from "../../src/cli/command-line.ts";
import { testContext } from "../cli/terminal.ts";
import { testPostgres } from "../postgres.ts";
import { expectSuccess, nowOf, openCommerce } from "./shop.ts";

const available = await testPostgres();
await available?.stop();

it.skipIf(available === undefined)(
  "templates/commerce/DATA_DICTIONARY.md is current: npm run docs writes it",
  async () => {
    const postgres = await testPostgres();
    if (postgres === undefined) return;
    const shop = await openCommerce(postgres, { scale: 0.001, seed: 42, until: "2026-06-30" });
    try {
      expectSuccess(await shop.run());
      const context = testContext({}, { cwd: shop.dir, env: { ...process.env, ...shop.env } });
      const code = await runCommandLine({ ...context, clock: () => new Date(nowOf(shop.plan)) }, ["docs"]);
      expect([code, context.stderr.text]).toEqual([0, ""]);
      const page = context.stdout.text;
      expect(page).not.toContain("known after the first run");
      await expect(page).toMatchFileSnapshot("../../templates/commerce/DATA_DICTIONARY.md");
    } finally {
      await shop.stop();
      await postgres.stop();
    }
  },
  240_000,
);
