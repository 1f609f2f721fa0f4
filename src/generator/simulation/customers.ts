/** Customers: what their rows say, how often they buy, and until when they do. */
import { faultOf } from "../faults.ts";
import { momentOf } from "../growth.ts";
import { day } from "../plan.ts";
import { type Choices, choose, pick, random, unit } from "../random.ts";
import type { AccountStatus, Customer, Segment, Tier } from "../simulation.ts";
import { firstNames, lastNames, places } from "../words.ts";
import type { World } from "../world.ts";
import { stepAt } from "./steps.ts";

const segments: Choices<Segment> = [
  ["Premium", 15],
  ["Regular", 70],
  ["New", 15],
];
const tiers: Choices<Tier> = [
  ["Gold", 5],
  ["Silver", 15],
  ["Bronze", 30],
  ["None", 50],
];
const accounts: Choices<AccountStatus> = [
  ["Active", 85],
  ["Inactive", 10],
  ["Suspended", 5],
];

/** Years by which a `future_registration` lies ahead: after every day that the shop is asked for. */
const farAhead = 3650 * day;

/** The row of a customer at the end of the plan. */
export function customerOf(world: World, id: number): Customer {
  const { keys, end } = world;
  const r = random(keys.customer, id);
  const [firstName, lastName] = [r.pick(firstNames), r.pick(lastNames)];
  const registered = momentOf(world.customers, id);
  const fault = faultOf(world, "customers", id);
  const phone = r.chance(0.9) ? `+49 ${r.int(150, 179)} ${r.int(1_000_000, 9_999_999)}` : null;
  const home = homeAt(world, id, end);
  const segment = changing(world, { name: "segment", choices: segments, share: 0.1 }, id);
  const tier = changing(world, { name: "tier", choices: tiers, share: 0.12 }, id);
  const account = changing(world, { name: "account", choices: accounts, share: 0.06 }, id);
  const lastLoginAt = lastLogin(world, id, registered);
  const steps = [
    home.since,
    segment.since,
    tier.since,
    account.since,
    emailStep(world, id),
    lastLoginAt ?? 0,
  ];
  return {
    id,
    email: emailText(world, id, fault),
    firstName,
    lastName,
    phone,
    birthDate: r.chance(0.95) ? birthDay(r.next()) : null,
    registeredAt: registered + (fault === "future_registration" ? farAhead : 0),
    segment: segment.value,
    tier: tier.value,
    country: home.country,
    city: home.city,
    postalCode: home.postalCode,
    consent: r.chance(0.98) ? r.chance(0.6) : null,
    lastLoginAt,
    accountStatus: account.value,
    createdAt: registered,
    updatedAt: Math.max(registered, ...steps.filter((moment) => moment < end)),
    ...(fault && { fault }),
  };
}

interface Changing<T> {
  readonly name: "segment" | "tier" | "account";
  readonly choices: Choices<T>;
  /** Share of the customers for whom it is drawn again once. */
  readonly share: number;
}

/** An attribute that is drawn again once for some, from the same shares, so that the whole keeps them. `since` is 0 before that. */
function changing<T>(world: World, { name, choices, share }: Changing<T>, id: number) {
  const { keys, end, customers } = world;
  const before = choose(unit(keys[name], id), choices);
  const step = stepAt(keys[`${name}.step`], id, share);
  if (step === undefined) return { value: before, since: 0 };
  const since = momentOf(customers, id) + step;
  const after = choose(unit(keys[`${name}.after`], id), choices);
  return since < end && after !== before ? { value: after, since } : { value: before, since: 0 };
}

/** The segment that a campaign sees. */
export function segmentAt(world: World, id: number, moment: number): Segment {
  const step = stepAt(world.keys["segment.step"], id, 0.1);
  const after = step !== undefined && momentOf(world.customers, id) + step < moment;
  return choose(unit(after ? world.keys["segment.after"] : world.keys.segment, id), segments);
}

/** Where a customer lives. */
export interface Home {
  /** In English. */
  readonly country: string;
  /** In its own language. */
  readonly city: string;
  /** Five digits, made up. */
  readonly postalCode: string;
  /** When the customer moved there; 0 for where the customer always was. */
  readonly since: number;
}

/** About 15 % of the customers move once. */
export function homeAt(world: World, id: number, moment: number): Home {
  const step = stepAt(world.keys["move.step"], id, 0.15);
  const moved = step === undefined ? 0 : momentOf(world.customers, id) + step;
  const since = moved < moment ? moved : 0;
  const share = unit(since > 0 ? world.keys["place.after"] : world.keys.place, id);
  const [country, city] = pick(share, places);
  // The digits that the choice of the city left over.
  const postalCode = String(10_000 + Math.floor(((share * places.length) % 1) * 90_000));
  return { country, city, postalCode, since };
}

function emailStep(world: World, id: number): number {
  const step = stepAt(world.keys["email.step"], id, 0.03);
  return step === undefined ? 0 : momentOf(world.customers, id) + step;
}

function emailText(world: World, id: number, fault: Customer["fault"]): string {
  if (fault === "duplicate_email") return spelledDifferently(ownEmail(world, steadyBefore(world, id)), id);
  const email = ownEmail(world, id);
  return fault === "invalid_email" ? email.replace("@", ".") : email;
}

function ownEmail(world: World, id: number): string {
  const r = random(world.keys.customer, id);
  const changed = emailStep(world, id);
  const host = changed > 0 && changed < world.end ? "mail.example" : "example.com";
  return `${r.pick(asciiFirstNames)}.${r.pick(asciiLastNames)}.${id}@${host}`;
}

/** The nearest earlier customer whose address is good and stays the same. */
function steadyBefore(world: World, id: number): number {
  let earlier = id - 1;
  while (earlier > 1 && (faultOf(world, "customers", earlier) || emailStep(world, earlier) > 0)) earlier--;
  return earlier;
}

function spelledDifferently(email: string, id: number): string {
  if (id % 3 === 0) return email.toUpperCase();
  return id % 3 === 1 ? `  ${email.toUpperCase()}` : `${email.slice(0, 1).toUpperCase()}${email.slice(1)} `;
}

type Names = readonly [string, ...string[]];
const asciiFirstNames = firstNames.map(ascii) as unknown as Names;
const asciiLastNames = lastNames.map(ascii) as unknown as Names;

function ascii(name: string): string {
  const plain = name.normalize("NFD").replace(/ß/g, "ss").replace(/ø/g, "o");
  return plain.replace(/[^A-Za-z]/g, "").toLowerCase();
}

function birthDay(share: number): string {
  const from = Date.UTC(1945, 0, 1);
  return new Date(from + Math.floor(share * 22_500) * day).toISOString().slice(0, 10);
}

/** A customer logs in every 60 to 400 days, not quite regularly; null before the first time. */
function lastLogin(world: World, id: number, registered: number): number | null {
  const key = world.keys.login;
  const interval = (60 + 340 * unit(key, id)) * day;
  const at = (count: number) => registered + Math.floor((count + 0.3 * unit(key ^ count, id)) * interval);
  const count = Math.floor((world.end - registered) / interval);
  const last = count > 0 && at(count) >= world.end ? count - 1 : count;
  return last > 0 ? at(last) : null;
}
