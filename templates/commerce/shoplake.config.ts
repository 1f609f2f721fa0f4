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
        order_items: { cursor: "updated_at" },
        inventory_transactions: { cursor: "created_at" },
        marketing_campaigns: { cursor: "updated_at" },
      },
    }),
  },

  // Each name is a selector too: npx shoplake run daily_silver_transformation
  schedules: [
    { name: "daily_bronze_ingestion", cron: "0 1 * * *", select: "bronze" },
    { name: "daily_silver_transformation", cron: "0 3 * * *", select: "silver" },
    { name: "daily_gold_aggregation", cron: "0 5 * * *", select: "gold+" },
  ],

  // The gold tables tagged reporting in PostgreSQL, for a BI tool, with primary and foreign keys: set GOLD_DATABASE_URL and take the slashes away.
  // sinks: { ecommerce_gold: postgres({ url: env("GOLD_DATABASE_URL"), schema: "public", select: "tag:reporting" }) },
});
