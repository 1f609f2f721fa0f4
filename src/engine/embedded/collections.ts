/** Named collections as ClickHouse configuration. SQL can use them, but neither read the keys nor point them elsewhere. */
import type { NamedPlace } from "./start-options.ts";

/** The configuration file; keys are named by their environment variables, never written. */
export function collectionsXml(places: readonly NamedPlace[]): string {
  return `<clickhouse><named_collections>${places.map(collection).join("")}</named_collections></clickhouse>\n`;
}

function collection({ name, url, keyIdEnv, secretEnv }: NamedPlace): string {
  return `<${name}>
  <url overridable="false">${escapeXml(url)}</url>
  <access_key_id from_env="${keyIdEnv}" overridable="false"/>
  <secret_access_key from_env="${secretEnv}" overridable="false"/>
</${name}>`;
}

function escapeXml(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}
