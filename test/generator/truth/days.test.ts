import fc from "fast-check";
import { expect, test } from "vitest";
import { dayIn, dayText, monthOf, monthText } from "../../../src/generator/truth/days.ts";
import { at } from "./hand-made.ts";

test("days of 23 and 25 hours in Berlin", () => {
  const dayOf = dayIn("Europe/Berlin");
  const days = (...moments: string[]) => moments.map((moment) => dayText(dayOf(at(moment))));
  expect(days("2026-03-28T22:59", "2026-03-28T23:00")).toEqual(["2026-03-28", "2026-03-29"]);
  expect(days("2026-03-29T21:59", "2026-03-29T22:00")).toEqual(["2026-03-29", "2026-03-30"]);
  expect(days("2026-10-24T21:59", "2026-10-24T22:00")).toEqual(["2026-10-24", "2026-10-25"]);
  expect(days("2026-10-25T22:59", "2026-10-25T23:00")).toEqual(["2026-10-25", "2026-10-26"]);
});

test("a leap day, the turn of a year, moments before 1970", () => {
  const dayOf = dayIn("America/New_York");
  expect(dayText(dayOf(at("2024-03-01T04:59")))).toBe("2024-02-29");
  expect(dayText(dayOf(at("2026-01-01T04:59")))).toBe("2025-12-31");
  expect(dayText(dayOf(at("1969-07-20T20:17")))).toBe("1969-07-20");
});

test("the day is the one that the calendar of the timezone shows", () => {
  const zones = [
    "UTC",
    "Europe/Berlin",
    "America/St_Johns",
    "Australia/Lord_Howe",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Kiritimati",
  ];
  const shared = new Map(zones.map((zone) => [zone, dayIn(zone)]));
  const moment = fc.integer({ min: at("2015-01-01"), max: at("2030-01-01") });
  fc.assert(
    fc.property(fc.constantFrom(...zones), moment, (zone, instant) => {
      const shown = new Intl.DateTimeFormat("sv-SE", { timeZone: zone }).format(instant);
      expect(dayText(shared.get(zone)?.(instant) ?? 0)).toBe(shown);
    }),
    { numRuns: 2000 },
  );
});

test("every minute around a change of the clocks by half an hour", () => {
  const dayOf = dayIn("Australia/Lord_Howe");
  const calendar = new Intl.DateTimeFormat("sv-SE", { timeZone: "Australia/Lord_Howe" });
  for (const change of [at("2026-04-04T15:00"), at("2026-10-03T15:30")])
    for (let minute = -1500; minute < 1500; minute += 7) {
      const moment = change + minute * 60_000;
      expect(dayText(dayOf(moment))).toBe(calendar.format(moment));
    }
});

test("months", () => {
  const month = monthOf(at("2026-01-31") / 86_400_000);
  expect([monthText(month), monthText(month + 1), monthText(month - 1)]).toEqual([
    "2026-01-01",
    "2026-02-01",
    "2025-12-01",
  ]);
  expect(monthOf(0)).toBe(23_640);
});

test("an unknown timezone", () => {
  expect(() => dayIn("Europe/Atlantis")).toThrow('"Europe/Atlantis" is no timezone');
});
