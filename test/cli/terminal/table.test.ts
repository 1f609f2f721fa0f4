import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { bytes, count, duration, wantsColor } from "../../../src/cli/terminal/style.ts";
import { renderTable } from "../../../src/cli/terminal/table.ts";
import { clip, pad, visible, width } from "../../../src/cli/terminal/width.ts";

describe("width", () => {
  test("counts columns, not code units", () => {
    expect(width("abc")).toBe(3);
    expect(width("日本")).toBe(4);
    expect(width("👩‍👩‍👧")).toBe(2);
    expect(width("é")).toBe(1);
    expect(width("\x1b[31mred\x1b[39m")).toBe(3);
  });

  test("clip never exceeds its columns and keeps what fits", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme" }), fc.nat(40), (text, columns) => {
        const bare = visible(text);
        const cut = clip(bare, columns);
        expect(width(cut)).toBeLessThanOrEqual(columns);
        if (width(bare) <= columns) expect(cut).toBe(bare);
      }),
    );
  });

  test("visible text cannot steer a terminal", () => {
    expect(visible("a\n\x1b[2J\u202eb")).toBe("a\\n\\x1b[2J\\u202eb");
  });

  test("pad", () => {
    expect(pad("日", 4)).toBe("日  ");
    expect(pad("7", 3, "right")).toBe("  7");
  });
});

describe("table", () => {
  const columns = [{ title: "name" }, { title: "rows", align: "right" as const }];

  test("aligns, and cuts text but never numbers", () => {
    const rows = [
      ["silver.a_dataset_with_a_long_name", "1,234,567"],
      ["b\nc", "1"],
    ];
    expect(renderTable(columns, rows, { columns: 24, indent: "  " })).toEqual([
      "  name              rows",
      "  silver.a_d…  1,234,567",
      "  b\\nc                 1",
    ]);
  });

  test("lines fit the terminal when there is any room for text", () => {
    fc.assert(
      fc.property(
        fc.array(fc.string(), { minLength: 1 }),
        fc.integer({ min: 20, max: 80 }),
        (names, available) => {
          const lines = renderTable(
            columns,
            names.map((name) => [name, "12,345"]),
            { columns: available },
          );
          for (const line of lines) expect(width(line)).toBeLessThanOrEqual(available);
        },
      ),
    );
  });
});

test("numbers for people", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect([duration(0), duration(12_340), duration(125_000), duration(59_960), duration(3_720_000)]).toEqual([
    "0.0 s",
    "12.3 s",
    "2 min 05 s",
    "1 min 00 s",
    "1 h 02 min",
  ]);
  expect([bytes(512), bytes(1536), bytes(2 * 1024 ** 3)]).toEqual(["512 B", "1.5 KiB", "2.0 GiB"]);
});

test("colour follows flag, NO_COLOR, terminal", () => {
  expect(wantsColor(true, true, {})).toBe(true);
  expect(wantsColor(true, false, {})).toBe(false);
  expect(wantsColor(false, true, {})).toBe(false);
  expect(wantsColor(true, true, { NO_COLOR: "1" })).toBe(false);
  expect(wantsColor(true, false, { FORCE_COLOR: "1" })).toBe(true);
  expect(wantsColor(true, true, { TERM: "dumb" })).toBe(false);
});
