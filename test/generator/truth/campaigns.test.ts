import { expect, test } from "vitest";
import { at, campaign, order, truth } from "./hand-made.ts";
import { smallShop } from "./small-shop.ts";

const { kpis } = truth(smallShop);

test("campaigns_by_channel: sums, then ratios; no ratio without clicks", () => {
  expect(kpis.campaigns_by_channel).toEqual([
    {
      channel: "EMAIL",
      campaigns: 2,
      budget: "100.00",
      impressions: 1010,
      clicks: 60,
      conversions: 6,
      revenue: "260.00",
      ctr_percent: "5.94",
      conversion_rate_percent: "10.00",
      cost_per_click: "1.67",
      cost_per_conversion: "16.67",
      roas: "2.60",
      roi_percent: "160.00",
    },
    {
      channel: "SEARCH",
      campaigns: 1,
      budget: "40.00",
      impressions: 100,
      clicks: 20,
      conversions: 2,
      revenue: "100.00",
      ctr_percent: "20.00",
      conversion_rate_percent: "10.00",
      cost_per_click: "2.00",
      cost_per_conversion: "20.00",
      roas: "2.50",
      roi_percent: "150.00",
    },
    {
      channel: "SOCIAL",
      campaigns: 1,
      budget: "50.00",
      impressions: 0,
      clicks: 0,
      conversions: 0,
      revenue: "0.00",
      ctr_percent: null,
      conversion_rate_percent: null,
      cost_per_click: null,
      cost_per_conversion: null,
      roas: "0.00",
      roi_percent: "-100.00",
    },
  ]);
});

test("top_campaigns: none without a budget; ties by id", () => {
  expect(
    kpis.top_campaigns.map((row) => [row["campaign_id"], row["budget"], row["revenue"], row["roi_percent"]]),
  ).toEqual([
    [1, "100.00", "250.00", "150.00"],
    [6, "40.00", "100.00", "150.00"],
    [2, "50.00", "0.00", "-100.00"],
  ]);
});

test("top_campaigns are ordered by the return before rounding", () => {
  const campaigns = [
    campaign({ id: 1, budgetCents: 1_000_000, revenueCents: 2_000_001 }),
    campaign({ id: 2, budgetCents: 1_000_000, revenueCents: 2_000_002 }),
  ];
  const rows = truth({ campaigns }).kpis.top_campaigns;
  expect(rows.map((row) => [row["campaign_id"], row["roi_percent"]])).toEqual([
    [2, "100.00"],
    [1, "100.00"],
  ]);
});

test("campaigns_by_month", () => {
  expect(kpis.campaigns_by_month).toEqual([
    {
      month: "2026-03-01",
      campaigns: 1,
      budget: "100.00",
      revenue: "250.00",
      conversions: 5,
      roi_percent: "150.00",
    },
    {
      month: "2026-04-01",
      campaigns: 1,
      budget: "40.00",
      revenue: "100.00",
      conversions: 2,
      roi_percent: "150.00",
    },
    {
      month: "2026-06-01",
      campaigns: 2,
      budget: "50.00",
      revenue: "10.00",
      conversions: 1,
      roi_percent: "-80.00",
    },
  ]);
});

test("conversion_rate", () => {
  expect(kpis.conversion_rate).toEqual([
    {
      impressions: 1110,
      clicks: 80,
      conversions: 8,
      ctr_percent: "7.21",
      conversion_rate_percent: "10.00",
    },
  ]);
});

test("acquisition_cost: the campaign of a buyer's first order; a rejected campaign wins nobody", () => {
  expect(kpis.acquisition_cost).toEqual([
    {
      channel: "EMAIL",
      budget: "100.00",
      conversions: 6,
      cost_per_conversion: "16.67",
      new_customers: 1,
      cost_per_new_customer: "100.00",
    },
    {
      channel: "SEARCH",
      budget: "40.00",
      conversions: 2,
      cost_per_conversion: "20.00",
      new_customers: 0,
      cost_per_new_customer: null,
    },
    {
      channel: "SOCIAL",
      budget: "50.00",
      conversions: 0,
      cost_per_conversion: null,
      new_customers: 1,
      cost_per_new_customer: "50.00",
    },
  ]);
});

test("acquisition_cost: of two orders at one moment the smaller number was first", () => {
  const campaigns = [campaign({ id: 1 }), campaign({ id: 2, channel: "SMS" })];
  const orders = [
    order({ id: 1, customerId: 1, orderedAt: at("2026-06-02"), campaignId: 1 }),
    order({ id: 2, customerId: 1, orderedAt: at("2026-06-01"), campaignId: 2 }),
    order({ id: 3, customerId: 1, orderedAt: at("2026-06-01"), campaignId: 1 }),
  ];
  const rows = truth({ campaigns, orders }).kpis.acquisition_cost;
  expect(rows.map((row) => [row["channel"], row["new_customers"]])).toEqual([
    ["EMAIL", 0],
    ["SMS", 1],
  ]);
});
