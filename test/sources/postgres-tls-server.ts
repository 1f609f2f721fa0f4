/** A real PostgreSQL that takes encrypted connections only, with a certificate of an authority of its own, made by openssl. */
import { execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { type PostgresServer, startPostgres } from "../../src/generator/demo-postgres.ts";
import { unprivileged } from "../../src/generator/postgres-binaries.ts";
import { ShoplakeError } from "../../src/util/errors.ts";

export interface TlsPostgres {
  /** With the host name of the certificate, localhost. */
  readonly url: string;
  /** The same server under a name that is not in its certificate. */
  readonly wrongNameUrl: string;
  /** Without a password, to a database that knows its users by their certificates; with all its files. */
  readonly certificateUrl: string;
  readonly password: string;
  /** PEM text of the authority that signed the server's certificate, and its file. */
  readonly ca: string;
  readonly caFile: string;
  /** PEM text of an authority that signed nothing here. */
  readonly otherCa: string;
  /** Encrypted. */
  readonly client: pg.Client;
  stop(): Promise<void>;
}

/** undefined, with a printed reason, when this machine has no PostgreSQL; an error instead when CI is "true". */
export async function tlsPostgres(): Promise<TlsPostgres | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "shoplake-test-tls-"));
  chmodSync(folder, 0o755);
  let server: PostgresServer;
  try {
    makeCertificates(folder);
    server = await startPostgres({ dataDir: join(folder, "data"), settings: settingsOf(folder) });
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    const missing = error instanceof ShoplakeError && error.code === "unsupported";
    if (!missing || process.env["CI"] === "true") throw error;
    process.stderr.write(`skipped tests with TLS: ${error.message} ${error.details.hint}\n`);
    return undefined;
  }
  const named = new URL(server.url);
  named.hostname = "localhost";
  const ca = readFileSync(join(folder, "ca.crt"), "utf8");
  const client = new pg.Client({ connectionString: named.href, ssl: { ca } });
  client.on("error", () => {});
  await client.connect();
  return {
    url: named.href,
    wrongNameUrl: server.url,
    certificateUrl: certificateUrl(named, folder),
    password: named.password,
    ca,
    caFile: join(folder, "ca.crt"),
    otherCa: readFileSync(join(folder, "other.crt"), "utf8"),
    client,
    async stop() {
      await client.end().catch(() => {});
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function certificateUrl({ host }: URL, folder: string): string {
  const file = (name: string) => join(folder, name);
  return `postgres://shoplake@${host}/template1?sslmode=verify-full&sslrootcert=${file("ca.crt")}&sslcert=${file("client.crt")}&sslkey=${file("client.key")}`;
}

function settingsOf(folder: string): Record<string, string> {
  const hba = join(folder, "pg_hba.conf");
  const rules = ["127.0.0.1/32", "::1/128"].flatMap((from) => [
    `host postgres all ${from} scram-sha-256`,
    `hostssl shop all ${from} scram-sha-256`,
    `hostssl template1 all ${from} cert`,
  ]);
  writeFileSync(hba, rules.join("\n"));
  return {
    fsync: "off",
    ssl: "on",
    ssl_cert_file: join(folder, "server.crt"),
    ssl_key_file: join(folder, "server.key"),
    ssl_ca_file: join(folder, "ca.crt"),
    hba_file: hba,
  };
}

/** ca.crt signs server.crt, whose only name is localhost, and client.crt; other.crt is an authority that signs nothing. */
function makeCertificates(folder: string): void {
  const openssl = (line: string, subject: string) =>
    execFileSync("openssl", [...line.split(" "), ...(subject === "" ? [] : ["-subj", subject])], {
      cwd: folder,
      stdio: ["ignore", "ignore", "pipe"],
    });
  const key = "-newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes";
  for (const name of ["ca", "other"])
    openssl(`req -x509 ${key} -keyout ${name}.key -out ${name}.crt -days 2`, `/CN=shoplake test ${name}`);
  writeFileSync(join(folder, "names"), "subjectAltName=DNS:localhost\n");
  for (const [name, subject] of [
    ["server", "/CN=shop database"],
    ["client", "/CN=shoplake"],
  ] as const) {
    openssl(`req -new ${key} -keyout ${name}.key -out ${name}.csr`, subject);
    const signed = "-CA ca.crt -CAkey ca.key -CAcreateserial -days 2 -extfile names";
    openssl(`x509 -req -in ${name}.csr ${signed} -out ${name}.crt`, "");
  }
  const account = unprivileged();
  chmodSync(join(folder, "server.key"), 0o600);
  if (account !== undefined) chownSync(join(folder, "server.key"), account.uid, account.gid);
}
