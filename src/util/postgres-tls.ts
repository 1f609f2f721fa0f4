/**
 * TLS of a PostgreSQL connection, from the `tls` option and from the words of libpq in the URL:
 * https://www.postgresql.org/docs/current/libpq-connect.html. Nothing else decides, no PG* variable of the environment either.
 */
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { type ErrorDetails, messageOf, ShoplakeError } from "./errors.ts";

/** The `tls` option of a source or sink. */
export interface PostgresTls {
  /** PEM text of the authority that signed the server's certificate. Default: the authorities Node knows. */
  readonly ca?: string | undefined;
  /** False: any certificate is accepted, so that the connection is encrypted but the server is not proved to be the right one. */
  readonly rejectUnauthorized: boolean;
}

/** Modes of a URL. libpq's `require` takes any certificate; here it is one with `verify-full`. */
const modes = ["disable", "no-verify", "require", "verify-ca", "verify-full"] as const;
type Mode = (typeof modes)[number];

/** `false`: not encrypted. Otherwise the connection is encrypted or fails: there is no falling back. */
export type TlsOptions = ConnectionOptions | false;

/**
 * Takes TLS out of a URL: the URL without its words, and the options for `pg`. A `config` error for what is not supported, what
 * contradicts the `tls` option, and for certificates that cannot be read.
 */
export function postgresTls(
  url: string,
  tls?: PostgresTls,
): { readonly url: string; readonly tls: TlsOptions } {
  const given = tlsParameters(url);
  const mode = modeOf(given.values);
  const file = (name: string) => fileOf(name, given.values.get(name));
  const ca = file("sslrootcert") ?? tls?.ca;
  const verify = tls?.rejectUnauthorized ?? mode !== "no-verify";
  refuseContradiction(given.values, mode, tls);
  if (mode === "disable" || (mode === undefined && tls === undefined && given.values.size === 0))
    return { url: given.rest, tls: false };
  if (mode === "verify-ca" && ca === undefined)
    throw refused(
      "sslmode=verify-ca needs the authority: everybody can have a certificate of a public one.",
      {
        hint: "Give tls: { ca }, or use sslmode=verify-full.",
      },
    );
  const [cert, key] = [file("sslcert"), file("sslkey")];
  return {
    url: given.rest,
    tls: {
      rejectUnauthorized: verify,
      ...(ca !== undefined && { ca: certificates(ca) }),
      ...(cert !== undefined && { cert }),
      ...(key !== undefined && { key }),
      ...(mode === "verify-ca" && { checkServerIdentity: () => undefined }),
    },
  };
}

const files = ["sslrootcert", "sslcert", "sslkey"];

function tlsParameters(url: string) {
  const parsed = new URL(url);
  const names = [...new Set(parsed.searchParams.keys())].filter((name) => /^(ssl|uselibpqcompat)/.test(name));
  const unknown = names.find((name) => name !== "sslmode" && name !== "ssl" && !files.includes(name));
  if (unknown !== undefined)
    throw refused(`${unknown} is not supported.`, { allowed: `sslmode, ${files.join(", ")}` });
  const values = new Map(names.map((name) => [name, parsed.searchParams.getAll(name).join(",")]));
  for (const name of names) parsed.searchParams.delete(name);
  return { values, rest: names.length === 0 ? url : parsed.href };
}

const falling = new Set(["allow", "prefer"]);
const ssl: Readonly<Record<string, Mode>> = {
  true: "require",
  "1": "require",
  "no-verify": "no-verify",
  false: "disable",
  "0": "disable",
};

function modeOf(values: ReadonlyMap<string, string>): Mode | undefined {
  const [short, given] = [values.get("ssl"), values.get("sslmode")];
  if (short !== undefined && given !== undefined)
    throw refused("ssl and sslmode say the same: give sslmode only.");
  const mode = short === undefined ? given : ssl[short];
  if (mode === undefined && short === undefined) return undefined;
  const known = modes.find((one) => one === mode);
  if (known !== undefined) return known;
  const why = falling.has(given ?? "")
    ? " would go on without encryption when the server has none, so it is not supported."
    : " is unknown.";
  throw refused(`${short === undefined ? `sslmode=${given}` : `ssl=${short}`}${why}`, {
    allowed: `sslmode=${modes.join(", ")}`,
  });
}

/** Two places that say different things about one matter. */
function refuseContradiction(
  values: ReadonlyMap<string, string>,
  mode: Mode | undefined,
  tls: PostgresTls | undefined,
): void {
  if (tls === undefined) return;
  const hint = "Take one of the two away.";
  if (mode === "disable") throw refused("The URL switches TLS off, but tls is given.", { hint });
  if (mode === "no-verify" && tls.rejectUnauthorized)
    throw refused("The URL says sslmode=no-verify, but tls verifies certificates.", {
      hint: `${hint} tls: { rejectUnauthorized: false } does not verify.`,
    });
  if ((mode === "verify-ca" || mode === "verify-full") && !tls.rejectUnauthorized)
    throw refused(`The URL says sslmode=${mode}, but tls has rejectUnauthorized: false.`, { hint });
  if (values.has("sslrootcert") && tls.ca !== undefined)
    throw refused("The URL gives sslrootcert, but tls has a ca.", { hint });
}

function fileOf(name: string, path: string | undefined): string | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw refused(`${name} cannot be read: ${messageOf(cause)}`, { cause });
  }
}

/** Node ignores a `ca` that is no certificate; then nothing would be trusted, without a word why. */
function certificates(pem: string): string {
  try {
    new X509Certificate(pem);
    return pem;
  } catch (cause) {
    throw refused("The ca of tls is not a certificate.", {
      allowed: "PEM text: -----BEGIN CERTIFICATE----- ...",
      hint: 'From a file: tls: { ca: env("SHOP_CA") } with the path in the variable SHOP_CA_FILE.',
      cause,
    });
  }
}

function refused(message: string, details: ErrorDetails = {}): ShoplakeError {
  return new ShoplakeError("config", `TLS of a PostgreSQL connection: ${message}`, details);
}

/** What a failed handshake means and what to do, by Node's and PostgreSQL's words for it; undefined: it is none. */
export function handshakeProblem(
  code: string,
  message: string,
  error: unknown,
): { readonly message: string; readonly allowed?: string; readonly hint: string } | undefined {
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID") {
    const names = namesOf(error);
    return {
      message: "the server's certificate is not for the host of the URL",
      ...(names !== undefined && { allowed: names }),
      hint: "Use a name of the certificate as host. Through a tunnel: sslmode=verify-ca with tls: { ca } checks only who signed it.",
    };
  }
  if (/^CERT_(HAS_EXPIRED|NOT_YET_VALID)$/.test(code))
    return { message, hint: "Renew the server's certificate, or correct the clock of this machine." };
  if (/SELF_SIGNED|UNABLE_TO_(GET|VERIFY)|CERT_UNTRUSTED|CERT_SIGNATURE_FAILURE/.test(code))
    return {
      message: `the server's certificate is not signed by a known authority (${message})`,
      hint: 'Give the authority\'s certificate: tls: { ca: env("SHOP_CA") }, with its PEM text in SHOP_CA or the path of its file in SHOP_CA_FILE. tls: { rejectUnauthorized: false } takes any certificate: encrypted, but by whoever answers.',
    };
  if (message.includes("does not support SSL"))
    return {
      message: "the server does not offer TLS",
      hint: "Switch ssl on at the server, or take tls and sslmode away to connect without encryption.",
    };
  if (code === "28000" && message.includes("no encryption"))
    return {
      message,
      hint: "When the server wants TLS, give tls: {}, or sslmode=verify-full in the URL. Else check its pg_hba.conf.",
    };
  return undefined;
}

function namesOf(error: unknown): string | undefined {
  const { cert } = error as { readonly cert?: { readonly subjectaltname?: string } };
  return cert?.subjectaltname;
}
