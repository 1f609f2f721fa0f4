/**
 * Exact casts of values to a declared type: SQL pieces that give NULL for everything the type cannot hold unchanged.
 *
 * The engine's own `accurateCastOrNull` is not exact: it cuts decimals ('1.239' becomes 1.23), rolls dates over
 * ('2024-02-30' becomes 1 March), moves dates out of range to its ends, reads '10:00' as a time of today. So text must have
 * the shape of its type before it is parsed.
 */
import { ident, text } from "./sql.ts";

/** How one expression becomes one type. All fields are SQL. */
export interface Cast {
  /**
   * Named expressions; each may use the ones before. They keep the text short: as aliases of one SELECT or as columns of
   * nested ones.
   */
  readonly steps: readonly (readonly [name: string, sql: string])[];
  /** 1 where the given value breaks the type, 0 elsewhere; never NULL. */
  readonly broken: string;
  /** The value in exactly the declared type; meaningless where `broken`. */
  readonly typed: string;
  /** True for text that can be read day-first and month-first with different results. */
  readonly ambiguous: string;
  /** The type as a person reads it: "Decimal(18, 4)". */
  readonly label: string;
}

/**
 * The cast of expression `x` to ClickHouse type `type`; `id` makes the names of its steps unique. Blanks around text are
 * ignored; empty text is NULL when the type is Nullable and breaks it otherwise. Arrays, maps, tuples and JSON are cast by
 * the engine, which fails on bad text; a decimal in an array, map or tuple that would be cut breaks the type.
 */
export function castTo(x: string, type: string, id: string): Cast {
  const { base, nullable } = unwrap(type);
  const given = ident(`_text_${id}`);
  const trimmed = [`_text_${id}`, `trimBoth(toString(${x}), ' \\t\\r\\n')`] as const;
  const to = text(type);
  const label = spaced(base);
  const none = { broken: "0", ambiguous: "0", label };
  if (isNested(base))
    return { ...none, steps: [], broken: cutInside(x, base), typed: castNested(x, base, type) };
  if (/^string$/i.test(base)) {
    if (nullable)
      return { ...none, steps: [trimmed], typed: `CAST(if(${given} = '', NULL, toString(${x})), ${to})` };
    return {
      ...none,
      steps: [],
      broken: `isNull(${x})`,
      typed: `CAST(assumeNotNull(toString(${x})), ${to})`,
    };
  }
  const value = ident(`_value_${id}`);
  const isTime = /^date/i.test(base);
  const time = isTime ? [[`_time_${id}`, parseTimeText(given, base)] as const] : [];
  const parsed = isTime ? parseTime(x, ident(`_time_${id}`), base) : parse(x, given, base);
  return {
    steps: [trimmed, ...time, [`_value_${id}`, parsed]],
    broken: nullable ? `(isNull(${value}) AND ifNull(${given} != '', 0))` : `isNull(${value})`,
    typed: `CAST(${nullable ? value : present(value, base)}, ${to})`,
    ambiguous: isTime ? `ifNull(match(${given}, ${text(SLASHED)}) AND ${differs(given)}, 0)` : "0",
    label,
  };
}

/** Nullable(base) or NULL. Branches on `toTypeName` are constants: the engine drops the ones that do not apply. */
function parse(x: string, given: string, base: string): string {
  const accurate = `accurateCastOrNull(${given}, ${text(base)})`;
  const decimal = decimalShape(base);
  if (decimal) return sameType(x, base, `if(match(${given}, ${text(decimal)}), ${accurate}, NULL)`);
  if (/^u?int\d+$/i.test(base))
    return `if(match(toTypeName(${x}), '^(Nullable\\\\()?U?Int'), accurateCastOrNull(${x}, ${text(base)}), ${accurate})`;
  if (/^enum/i.test(base)) return parseEnum(given, base);
  if (/^bool(ean)?$/i.test(base)) return parseBool(given);
  return sameType(x, base, accurate);
}

function sameType(x: string, base: string, otherwise: string): string {
  const same = [base, `Nullable(${base})`, spaced(base), `Nullable(${spaced(base)})`].map(text).join(", ");
  return `if(toTypeName(${x}) IN (${same}), accurateCastOrNull(${x}, ${text(base)}), ${otherwise})`;
}

/** What text of a decimal type looks like, no digit lost; undefined when `base` is no decimal type. */
function decimalShape(base: string): string | undefined {
  const fixed = /^(?:decimal|dec|numeric|fixed)(?:\s*\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?$/i.exec(base);
  const sized = /^decimal(32|64|128|256)\s*\(\s*(\d+)\s*\)$/i.exec(base);
  if (!fixed && !sized) return undefined;
  const precision = fixed ? Number(fixed[1] ?? BARE_DIGITS) : (DECIMAL_DIGITS[sized?.[1] ?? ""] ?? 9);
  const scale = Number((fixed ? fixed[2] : sized?.[2]) ?? 0);
  const whole = precision > scale ? `0*\\d{1,${precision - scale}}` : "0+";
  if (scale === 0) return `^[+-]?${whole}(\\.0*)?$`;
  return `^[+-]?(${whole}(\\.\\d{0,${scale}}0*)?|\\.\\d{1,${scale}}0*)$`;
}

/** `Decimal` alone is the engine's Decimal(10, 0). */
const BARE_DIGITS = 10;
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

/** `time` is the parsed text; values that are dates already are converted, and must stay in the same year or its neighbour. */
function parseTime(x: string, time: string, base: string): string {
  const native = `CAST(${x}, ${text(`Nullable(${base})`)})`;
  const year = (value: string) => `toInt32OrZero(left(toString(${value}), 4))`;
  const kept = `if(abs(${year(native)} - ${year(x)}) <= 1, ${native}, NULL)`;
  return `if(match(toTypeName(${x}), '^(Nullable\\\\()?Date'), ${kept}, ${inRange(time, base)})`;
}

function inRange(time: string, base: string): string {
  const { kind, scale } = timeType(base);
  const range = DATE_RANGES[kind];
  if (!range) return scale < 9 ? time : `if(toYear(${time}) BETWEEN 1900 AND 2261, ${time}, NULL)`;
  const seconds = `toUnixTimestamp64Second(${time})`;
  return `if(${seconds} BETWEEN ${range[0]} AND ${range[1]}, CAST(${time}, ${text(`Nullable(${base})`)}), NULL)`;
}

/** Nullable(DateTime64) of text with one meaning, else NULL. */
function parseTimeText(given: string, base: string): string {
  const { isDay, scale, zone } = timeType(base);
  const parsed = bestEffort(given, scale, zone);
  const clear = isDay ? CLEAR : `${CLEAR}|${EPOCH}`;
  const slashed = `if(match(${given}, ${text(SLASHED)}) AND NOT ${differs(given)}, ${parsed}, NULL)`;
  return `if(match(${given}, ${text(clear)}), ${parsed}, ${slashed})`;
}

interface TimeType {
  readonly kind: string;
  readonly isDay: boolean;
  /** Digits of a second to parse; at least 3, because the parser gives a 32-bit DateTime for 0. */
  readonly scale: number;
  /** Quoted; undefined: the engine's. */
  readonly zone: string | undefined;
}

function timeType(base: string): TimeType {
  const [, kind = "", scale, zone] =
    /^(date(?:32|time(?:64|32)?)?)\s*(?:\(\s*(\d)?\s*,?\s*('[^']*')?\s*\))?$/i.exec(base) ?? [];
  const isDay = /^date(32)?$/i.test(kind);
  const isExact = /^datetime64$/i.test(kind);
  return {
    kind: kind.toLowerCase().replace("time32", "time"),
    isDay,
    scale: isExact ? Number(scale ?? 3) : 3,
    zone: isDay ? "'UTC'" : zone,
  };
}

/** Day-first and month-first give different times. */
function differs(given: string): string {
  return `(${bestEffort(given, 3, "'UTC'")} != parseDateTime64BestEffortUSOrNull(${given}, 3, 'UTC'))`;
}

function bestEffort(given: string, scale: number, zone: string | undefined): string {
  return `parseDateTime64BestEffortOrNull(${given}, ${scale}${zone === undefined ? "" : `, ${zone}`})`;
}

/** The engine's own words; its accurateCastOrNull takes 20 times as long, because it throws and catches for each row. */
function parseBool(given: string): string {
  const word = `lower(${given})`;
  return `multiIf(${word} IN ('true', 't', '1', 'yes', 'y', 'on'), CAST(true, 'Nullable(Bool)'), ${word} IN ('false', 'f', '0', 'no', 'n', 'off'), CAST(false, 'Nullable(Bool)'), NULL)`;
}

/** CAST to an enum throws for unknown names, so names are compared first. */
function parseEnum(given: string, base: string): string {
  const names = enumNames(base);
  const known = `${given} IN (${names.join(", ")})`;
  return `if(${known}, CAST(if(${known}, ${given}, ${names[0]}), ${text(`Nullable(${base})`)}), NULL)`;
}

/** Some value of the type where there is none; an enum's zero may not exist and would throw later. */
function present(value: string, base: string): string {
  if (!/^enum/i.test(base)) return `assumeNotNull(${value})`;
  return `ifNull(${value}, CAST(${enumNames(base)[0]}, ${text(base)}))`;
}

/** The names of an enum, quoted. */
function enumNames(base: string): string[] {
  const names = [...base.matchAll(/'(?:[^'\\]|\\.|'')*'(?=\s*[=,)])/g)].map((match) => match[0]);
  return names.length === 0 ? ["''"] : names;
}

function isNested(base: string): boolean {
  return /^(array|map|tuple|nested|json|object|dynamic|variant|aggregatefunction|simpleaggregatefunction)\b/i.test(
    base,
  );
}

/** Floats become decimals by their text, as outside of arrays: 1.15 * 100 is 114.99 to the engine. No text becomes a map. */
function castNested(x: string, base: string, type: string): string {
  const direct = `CAST(${x}, ${text(type)})`;
  if (widened(base) === base || /\bmap\b/i.test(base)) return direct;
  return `if(match(toTypeName(${x}), 'Float'), CAST(toString(${x}), ${text(type)}), ${direct})`;
}

/**
 * 1 where a decimal inside an array, map or tuple has lost digits in the cast: the value is also cast to the same type with
 * room for more digits, and the two are compared. "0" without decimals inside. Floats in a map are not compared.
 */
function cutInside(x: string, base: string): string {
  const wide = widened(base);
  if (wide === base) return "0";
  const before = castNested(x, base, wide);
  const after = `CAST(${castNested(x, base, base)}, ${text(wide)})`;
  return `(toString(${before}) != toString(${after}) AND NOT match(toTypeName(${x}), 'Map.*Float'))`;
}

/** An array, map or tuple type with 38 digits on each side of the point in its decimals; quoted names of an enum stay. */
function widened(base: string): string {
  if (!/^(array|map|tuple|nested)\b/i.test(base) || /aggregatefunction|json|variant/i.test(base)) return base;
  return base.replace(
    /'(?:[^'\\]|\\.)*'|\b(?:Decimal(?:32|64|128|256)?|DEC|NUMERIC|FIXED)\b(?:\s*\([\s\d,]*\))?/gi,
    (found) => (found.startsWith("'") ? found : "Decimal(76, 38)"),
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
