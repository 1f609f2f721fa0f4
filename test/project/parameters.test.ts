import { expect, test } from "vitest";
import { modelParameters } from "../../src/project/model-file.ts";
import { queryDefaults, standardParameters, standardValue } from "../../src/project/parameters.ts";

const project = { timezone: "Europe/Berlin", currency: "EUR" };

test("today is the day in the project's timezone", () => {
  const late = new Date("2024-03-30T23:30:00Z");
  expect(standardValue("today", project, late)).toBe("2024-03-31");
  expect(standardValue("today", { ...project, timezone: "America/New_York" }, late)).toBe("2024-03-30");
});

test("models know every standard parameter, and no other name is one", () => {
  expect(modelParameters).toEqual(expect.arrayContaining([...standardParameters]));
  expect(standardValue("constructor", project, new Date(0))).toBeUndefined();
  expect(standardValue("interval_start", project, new Date(0))).toBeUndefined();
});

test("a query's own default wins over the project's; others have none", () => {
  const parameters = {
    today: { type: "Date", default: undefined, description: "" },
    currency: { type: "String", default: "USD", description: "" },
    timezone: { type: "String", default: undefined, description: "" },
    since: { type: "Date", default: undefined, description: "" },
  };
  expect(queryDefaults({ parameters }, project, new Date("2024-01-01T12:00:00Z"))).toEqual({
    today: "2024-01-01",
    currency: "USD",
    timezone: "Europe/Berlin",
    since: undefined,
  });
});
