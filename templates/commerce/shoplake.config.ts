import { defineProject, env, postgres } from "shoplake";

export default defineProject({
  name: "commerce",
  timezone: "Europe/Berlin", // reporting days are days of this timezone
  currency: "EUR",

  sources: {
    shop: postgres({
      url: env("SHOP_DATABASE_URL"), // the environment, or the file .env beside this one
      tables: {
        // The key is the table's primary key. The cursor is what makes a run read only what is new.
        customers: { cursor: "updated_at" },
        products: { cursor: "last_updated" },
        orders: { cursor: "updated_at" },
        order_items: { cursor: "created_at" },
      },
    }),
  },

  schedules: [{ name: "nightly", cron: "0 3 * * *", select: "source:shop+" }],

  // Gold tables in PostgreSQL for a BI tool: import env as above, then
  // sinks: { reporting: postgres({ url: env("GOLD_DATABASE_URL"), schema: "gold" }) },
});
