import type { Campaign } from "../simulation.ts";
import { decimal, instant, type Table } from "./table.ts";

/** One row a campaign; amounts in the shop's currency, `roi` in percent. */
export const campaignsTable: Table<Campaign> = {
  name: "marketing_campaigns",
  key: "campaign_id",
  cursor: "updated_at",
  columns: {
    campaign_id: { type: "integer NOT NULL", value: (row) => row.id },
    campaign_name: { type: "varchar(255) NOT NULL", value: (row) => row.name },
    channel: { type: "varchar(20) NOT NULL", value: (row) => row.channel },
    start_date: { type: "date NOT NULL", value: (row) => row.startDate },
    end_date: { type: "date NOT NULL", value: (row) => row.endDate },
    budget: { type: "numeric(12,2) NOT NULL", value: (row) => decimal(row.budgetCents) },
    target_segment: { type: "varchar(20)", value: (row) => row.targetSegment },
    impressions: { type: "integer NOT NULL", value: (row) => row.impressions },
    clicks: { type: "integer NOT NULL", value: (row) => row.clicks },
    conversions: { type: "integer NOT NULL", value: (row) => row.conversions },
    revenue_generated: { type: "numeric(14,2) NOT NULL", value: (row) => decimal(row.revenueCents) },
    roi: { type: "numeric(12,2)", value: (row) => decimal(row.roi) },
    created_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.createdAt) },
    updated_at: { type: "timestamptz NOT NULL", value: (row) => instant(row.updatedAt) },
  },
  constraints: [
    { sql: "CHECK (budget >= 0)" },
    { sql: "CHECK (revenue_generated >= 0)" },
    { sql: "CHECK (impressions >= 0 AND clicks >= 0 AND conversions >= 0)" },
    { sql: "CHECK (clicks <= impressions)", brokenBy: "clicks_above_impressions" },
    { sql: "CHECK (conversions <= clicks)", brokenBy: "conversions_above_clicks" },
    { sql: "CHECK (end_date >= start_date)", brokenBy: "ends_before_start" },
  ],
  wrongType: { column: "budget", value: "a lot" },
  optional: "target_segment",
};
