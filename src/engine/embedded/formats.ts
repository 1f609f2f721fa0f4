/** Content types of result formats, as a ClickHouse server sends them. */
const TYPES: readonly (readonly [RegExp, string])[] = [
  [
    /^JSON(Compact)?(Strings)?EachRow|^NDJSON|^JSONLines|EachRowWithProgress/,
    "application/x-ndjson; charset=UTF-8",
  ],
  [/^JSON|^GeoJSON/, "application/json; charset=UTF-8"],
  [/^(TSV|TabSep)/, "text/tab-separated-values; charset=UTF-8"],
  [/^CSV.*Names/, "text/csv; charset=UTF-8; header=present"],
  [/^CSV/, "text/csv; charset=UTF-8; header=absent"],
  [/^XML$/, "application/xml; charset=UTF-8"],
  [/^(Native|RowBinary|Parquet|Arrow|ORC|Avro|Protobuf|MsgPack|Npy)/, "application/octet-stream"],
  [/^Prometheus/, "text/plain; version=0.0.4; charset=UTF-8"],
  [/^HTML$/, "text/html; charset=UTF-8"],
];

/** The content type of a result in `format`. */
export function contentType(format: string): string {
  return TYPES.find(([pattern]) => pattern.test(format))?.[1] ?? "text/plain; charset=UTF-8";
}
