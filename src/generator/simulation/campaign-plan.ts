/** What is decided when a campaign is created. */
import { dayOf, momentOn } from "../growth.ts";
import { type Choices, random } from "../random.ts";
import type { Campaign, Channel } from "../simulation.ts";
import type { World } from "../world.ts";

/** Does not change afterwards. */
export interface CampaignPlan {
  /** Milliseconds since 1970. */
  readonly created: number;
  /** Numbers of its first and last day. */
  readonly startDay: number;
  /** The last day that belongs to it. */
  readonly lastDay: number;
  /** Where it is seen. */
  readonly channel: Channel;
  /** Whom it is for. */
  readonly targetSegment: Campaign["targetSegment"];
  /** 500.00 to 8,000.00. */
  readonly budgetCents: number;
  /** Nobody clicks. */
  readonly silent: boolean;
  /** Clicks without an order, over the whole campaign. */
  readonly idleClicks: number;
  /** Impressions for a click, at least. */
  readonly perClick: number;
}

/** Days of the longest campaign, and the longest time from creation to start. */
export const longestCampaign = 60;
/** Days from creation to start, at most. */
export const longestLead = 14;

const channels: Choices<Channel> = [
  ["EMAIL", 30],
  ["SEARCH", 25],
  ["SOCIAL", 20],
  ["DISPLAY", 15],
  ["SMS", 10],
];
const targets: Choices<Campaign["targetSegment"]> = [
  ["All", 40],
  ["Regular", 25],
  ["Premium", 20],
  ["New", 15],
];

/** Drawn from the campaign's number alone. */
export function campaignPlan(world: World, id: number): CampaignPlan {
  const r = random(world.keys.campaign, id);
  const createdDay = dayOf(world.campaigns, id);
  const startDay = createdDay + r.int(1, longestLead);
  return {
    created: momentOn(world.campaigns, id, createdDay),
    startDay,
    lastDay: startDay + r.int(7, longestCampaign) - 1,
    channel: r.weighted(channels),
    targetSegment: r.weighted(targets),
    budgetCents: r.int(10, 160) * 5000,
    silent: r.chance(0.03),
    idleClicks: r.int(20, 2000),
    perClick: r.int(8, 80),
  };
}
