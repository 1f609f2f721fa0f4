import { defineProject, files } from "shoplake";

export default defineProject({
  name: "online_retail",
  timezone: "Europe/London",
  currency: "GBP",
  sources: {
    retail: files({ path: "inbox/*.csv.gz", format: "csv", table: "lines" }),
  },
});
