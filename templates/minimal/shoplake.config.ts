import { defineProject, files } from "shoplake";

export default defineProject({
  name: "minimal",
  timezone: "Europe/Berlin",
  currency: "EUR",
  sources: {
    shop: files({ path: "inbox/orders-*.csv", format: "csv", table: "orders", key: "order_id" }),
  },
  schedules: [{ name: "hourly", cron: "0 * * * *", select: "bronze+" }],
});
