/**
 * Exact casts of values to a declared type: SQL pieces that give NULL for everything the type cannot hold unchanged.
 *
 * The engine's own `accurateCastOrNull` is not exact: it cuts decimals ('1.239' becomes 1.23), rolls dates over
 * ('2024-02-30' becomes 1 March), moves dates out of range to its ends, reads '10:00' as a time of today. So text must have
 * the shape of its type before it is parsed.
 */
import { text } from "../engine/sql.ts";

/** How one expression becomes one type. All fields are SQL. */
export interface Cast {
  /** Nullable: the cast value, NULL where there is none. */
  readonly value: string;
  /** 1 where the given value breaks the type, 0 elsewhere; never NULL. */
  readonly broken: string;
  /** The value in exactly the declared type; meaningless where `broken`. */
  readonly typed: string;
  /** The type as a person reads it: "Decimal(18, 4)". */
  readonly label: string;
}

/**
 * The cast of expression `x` to ClickHouse type `type`. Blanks around text are ignored; empty text is NULL when the type
 * is Nullable and breaks it otherwise. Arrays, maps, tuples and JSON are cast by the engine, which fails on bad text.
 */
export function castTo(x: string, type: string): Cast {
  const { base, nullable } = unwrap(type);
  const trimmed = `trimBoth(toString(${x}), ' \\t\\r\\n')`;
  if (isNested(base)) return { value: x, broken: "0", typed: `CAST(${x}, ${text(type)})`, label: base };
  if (/^string$/i.test(base)) return textCast(x, trimmed, type, nullable);
  const value = parse(x, trimmed, base);
  const broken = nullable ? `isNull(${value}) AND ifNull(${trimmed} != '', 0)` : `isNull(${value})`;
  const typed = `CAST(${nullable ? value : `assumeNotNull(${value})`}, ${text(type)})`;
  return { value, broken: `(${broken})`, typed, label: spaced(base) };
}

/** True for text that can be read day-first and month-first with different results; 0 for other types. */
export function ambiguousDate(x: string, type: string): string {
  const { base } = unwrap(type);
  if (!/^date/i.test(base)) return "0";
  const trimmed = `trimBoth(toString(${x}), ' \\t\\r\\n')`;
  return `ifNull(match(${trimmed}, ${text(SLASHED)}) AND ${bestEffort(trimmed, 0, "'UTC'", "")} != ${bestEffort(trimmed, 0, "'UTC'", "US")}, 0)`;
}

function textCast(x: string, trimmed: string, type: string, nullable: boolean): Cast {
  if (nullable) {
    const value = `if(${trimmed} = '', NULL, toString(${x}))`;
    return { value, broken: "0", typed: `CAST(${value}, ${text(type)})`, label: "String" };
  }
  const value = `toString(${x})`;
  return {
    value,
    broken: `isNull(${x})`,
    typed: `CAST(assumeNotNull(${value}), ${text(type)})`,
    label: "String",
  };
}

/** Nullable(base) or NULL. Branches on `toTypeName` are constants: the engine drops the ones that do not apply. */
function parse(x: string, trimmed: string, base: string): string {
  const accurate = `accurateCastOrNull(${trimmed}, ${text(base)})`;
  const decimal = decimalShape(base);
  if (decimal) return sameType(x, base, `if(match(${trimmed}, ${text(decimal)}), ${accurate}, NULL)`);
  if (/^u?int\d+$/i.test(base))
    return `if(match(toTypeName(${x}), '^(Nullable\\\\()?U?Int'), accurateCastOrNull(${x}, ${text(base)}), ${accurate})`;
  if (/^date/i.test(base)) return parseTime(x, trimmed, base);
  if (/^enum/i.test(base)) return parseEnum(trimmed, base);
  return sameType(x, base, accurate);
}

function sameType(x: string, base: string, otherwise: string): string {
  const same = [base, `Nullable(${base})`, spaced(base), `Nullable(${spaced(base)})`].map(text).join(", ");
  return `if(toTypeName(${x}) IN (${same}), accurateCastOrNull(${x}, ${text(base)}), ${otherwise})`;
}

/** What text of a decimal type looks like, no digit lost; undefined when `base` is no decimal type. */
function decimalShape(base: string): string | undefined {
  const fixed = /^(?:decimal|dec|numeric)\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\)$/i.exec(base);
  const sized = /^decimal(32|64|128|256)\s*\(\s*(\d+)\s*\)$/i.exec(base);
  if (!fixed && !sized) return undefined;
  const precision = fixed ? Number(fixed[1]) : (DECIMAL_DIGITS[sized?.[1] ?? ""] ?? 9);
  const scale = Number((fixed ? fixed[2] : sized?.[2]) ?? 0);
  const whole = precision > scale ? `0*\\d{1,${precision - scale}}` : "0+";
  if (scale === 0) return `^[+-]?${whole}(\\.0*)?$`;
  return `^[+-]?(${whole}(\\.\\d{0,${scale}}0*)?|\\.\\d{1,${scale}}0*)$`;
}

const DECIMAL_DIGITS: Readonly<Record<string, number>> = { "32": 9, "64": 18, "128": 38, "256": 76 };

const YEAR = "(?:19|20|21|22)\\d\\d";
const MONTH = "(?:0?[1-9]|1[0-2])";
const DAY = "(?:0?[1-9]|[12]\\d|3[01])";
const CLOCK = "(?:[01]?\\d|2[0-3]):[0-5]\\d(?::[0-5]\\d(?:\\.\\d{1,9})?)?(?: ?[AaPp][Mm])?";
const ZONE = "(?: ?(?:Z|UTC|GMT|[+-]\\d\\d(?::?\\d\\d)?))?";
const TIME = `(?:(?: +|T)${CLOCK}${ZONE})?`;
const NAMED_MONTH =
  "(?:[Jj]an|[Ff]eb|[Mm]ar|[Aa]pr|[Mm]ay|[Jj]un|[Jj]ul|[Aa]ug|[Ss]ep|[Oo]ct|[Nn]ov|[Dd]ec)[a-z]*";
/** Date texts with one meaning: ISO, compact, and with the month as a word. */
const CLEAR = [
  `^${YEAR}([-/.])${MONTH}[-/.]${DAY}${TIME}$`,
  `^${YEAR}(?:0[1-9]|1[0-2])(?:0[1-9]|[12]\\d|3[01])(?:(?:[01]\\d|2[0-3])[0-5]\\d[0-5]\\d)?$`,
  `^(?:[A-Z][a-z]+, )?${DAY} ${NAMED_MONTH} ${YEAR}${TIME}$`,
].join("|");
/** Seconds, milliseconds, microseconds since 1970, told apart by their length: 2001 to 2286. */
const EPOCH = "^\\d{10}(?:\\.\\d{1,9})?$|^\\d{13}$|^\\d{16}$";
const SLASHED = `^\\d{1,2}[-/.]\\d{1,2}[-/.]${YEAR}${TIME}$`;

/** Seconds since 1970 that a type can hold. */
const DATE_RANGES: Readonly<Record<string, readonly [number, number]>> = {
  date: [0, 65_535 * 86_400 + 86_399],
  date32: [-2_208_988_800, 10_413_791_999],
  datetime: [0, 4_294_967_295],
};

function parseTime(x: string, trimmed: string, base: string): string {
  const native = `CAST(${x}, ${text(`Nullable(${base})`)})`;
  const year = (value: string) => `toInt32OrZero(left(toString(${value}), 4))`;
  const kept = `if(abs(${year(native)} - ${year(x)}) <= 1, ${native}, NULL)`;
  return `if(match(toTypeName(${x}), '^(Nullable\\\\()?Date'), ${kept}, ${parseTimeText(trimmed, base)})`;
}

function parseTimeText(trimmed: string, base: string): string {
  const [, kind = "", scaleText, zone] =
    /^(date(?:32|time(?:64|32)?)?)\s*(?:\(\s*(\d)?\s*,?\s*('[^']*')?\s*\))?$/i.exec(base) ?? [];
  const isDay = /^date(32)?$/i.test(kind);
  const scale = Number(scaleText ?? 0);
  const at = isDay ? "'UTC'" : zone;
  const parsed = bestEffort(trimmed, scale, at, "");
  const clear = isDay ? CLEAR : `${CLEAR}|${EPOCH}`;
  const slashed = `if(${parsed} = ${bestEffort(trimmed, scale, at, "US")}, ${parsed}, NULL)`;
  const value = `if(match(${trimmed}, ${text(clear)}), ${parsed}, if(match(${trimmed}, ${text(SLASHED)}), ${slashed}, NULL))`;
  const range = DATE_RANGES[kind.toLowerCase().replace("time32", "time")];
  if (!range)
    return scale < 9 ? value : `if(toYear(${bestEffort(trimmed, 0, at, "")}) < 2262, ${value}, NULL)`;
  const seconds = `toUnixTimestamp64Second(${value})`;
  return `if(${seconds} BETWEEN ${range[0]} AND ${range[1]}, CAST(${value}, ${text(`Nullable(${base})`)}), NULL)`;
}

function bestEffort(x: string, scale: number, zone: string | undefined, style: "" | "US"): string {
  return `parseDateTime64BestEffort${style}OrNull(${x}, ${scale}${zone === undefined ? "" : `, ${zone}`})`;
}

/** CAST to an enum throws for unknown names, so names are compared first. */
function parseEnum(trimmed: string, base: string): string {
  const names = [...base.matchAll(/'(?:[^'\\]|\\.|'')*'(?=\s*[=,)])/g)].map((match) => match[0]);
  const known = `${trimmed} IN (${names.join(", ")})`;
  return `if(${known}, CAST(if(${known}, ${trimmed}, ${names[0] ?? "''"}), ${text(`Nullable(${base})`)}), NULL)`;
}

function isNested(base: string): boolean {
  return /^(array|map|tuple|nested|json|object|dynamic|variant|aggregatefunction|simpleaggregatefunction)\b/i.test(
    base,
  );
}

/** "LowCardinality(Nullable(String))" -> { base: "String", nullable: true } */
export function unwrap(type: string): { readonly base: string; readonly nullable: boolean } {
  const trimmed = type.trim();
  const low = /^LowCardinality\((.*)\)$/is.exec(trimmed);
  if (low) return unwrap(low[1] ?? "");
  const nullable = /^Nullable\((.*)\)$/is.exec(trimmed);
  return nullable ? { base: (nullable[1] ?? "").trim(), nullable: true } : { base: trimmed, nullable: false };
}

/** The engine's own spelling: "Decimal(18,4)" -> "Decimal(18, 4)". */
function spaced(type: string): string {
  return /^decimal/i.test(type) ? type.replace(/\s*,\s*/g, ", ") : type;
}
