import { afterAll } from "vitest";
import { pgIdent } from "../../src/util/postgres.ts";
import { testPostgres } from "../postgres.ts";
import { sinkConformance } from "./conformance.ts";

const postgres = await testPostgres();
afterAll(() => postgres?.stop());

if (postgres !== undefined)
  sinkConformance("postgres", async () => ({
    options: { url: postgres.url, schema: "gold", retries: 0 },
    down: { url: "postgres://nobody:secret@127.0.0.1:1/none", schema: "gold", retries: 0 },
    async rows(dataset) {
      const table = pgIdent(dataset.slice(dataset.indexOf(".") + 1));
      const { rows } = await postgres.client.query<{ row: Record<string, string | null> }>(
        `SELECT (SELECT json_object_agg(key, value) FROM json_each_text(to_json(t))) AS row FROM gold.${table} t`,
      );
      return rows.map(({ row }) => row);
    },
  }));
