/** A simulated terminal and streams that remember, for golden tests of what a person sees. */
import { Writable } from "node:stream";
import type { CliContext, GlobalFlags, Output } from "../../src/cli/context.ts";

/** Collects what is written; `isTTY`, `columns`, `rows` as given. */
export class Capture extends Writable {
  text = "";
  readonly isTTY: boolean;
  readonly columns: number;
  readonly rows: number;

  constructor(terminal: { isTTY?: boolean; columns?: number; rows?: number } = {}) {
    super({ decodeStrings: false });
    this.isTTY = terminal.isTTY ?? false;
    this.columns = terminal.columns ?? 80;
    this.rows = terminal.rows ?? 24;
  }

  override _write(chunk: string | Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

/** Understands what the CLI sends: text (long lines wrap), \r, \n, cursor up, erase line, erase below, modes; else it throws. */
export class SimulatedTerminal extends Capture {
  readonly scrollback: string[] = [];
  cursorHidden = false;
  private screen: string[] = [""];
  private row = 0;
  private column = 0;

  constructor(size: { columns: number; rows: number }) {
    super({ isTTY: true, ...size });
  }

  override _write(chunk: string | Buffer, encoding: string, done: () => void): void {
    this.feed(chunk.toString());
    super._write(chunk, encoding, done);
  }

  /** Everything that was ever shown and not overwritten, colours removed. */
  shown(): string[] {
    return [...this.scrollback, ...this.screen].map((line) => line.trimEnd());
  }

  private feed(text: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: a terminal is about control characters
    for (const token of text.match(/\x1b\[[?0-9;]*[A-Za-z]|\r|\n|[^\x1b\r\n]/gu) ?? []) this.apply(token);
  }

  private apply(token: string): void {
    if (token === "\r") this.column = 0;
    else if (token === "\n") this.lineFeed();
    else if (token.startsWith("\x1b")) this.control(token.slice(2));
    else this.put(token);
  }

  private put(character: string): void {
    if (this.column >= this.columns) this.lineFeed();
    const line = [...(this.screen[this.row] ?? "").padEnd(this.column)];
    line[this.column++] = character;
    this.screen[this.row] = line.join("");
  }

  private lineFeed(): void {
    this.column = 0;
    if (++this.row >= this.rows) {
      this.scrollback.push(this.screen.shift() ?? "");
      this.row = this.rows - 1;
    }
    this.screen[this.row] ??= "";
  }

  private control(sequence: string): void {
    const up = /^(\d+)A$/.exec(sequence);
    if (up) this.row = Math.max(0, this.row - Number(up[1]));
    else if (sequence === "K") this.screen[this.row] = (this.screen[this.row] ?? "").slice(0, this.column);
    else if (sequence === "J") {
      this.screen.length = this.row + 1;
      this.screen[this.row] = (this.screen[this.row] ?? "").slice(0, this.column);
    } else if (/^\?25[lh]$/.test(sequence)) this.cursorHidden = sequence.endsWith("l");
    else if (!/^(\?2026[lh]|\d+m)$/.test(sequence)) throw new Error(`unknown control sequence ${sequence}`);
  }
}

export interface TestContext extends CliContext {
  readonly stdout: Capture;
  readonly stderr: Capture;
  /** Moves the clock on. */
  tick(ms: number): void;
}

/** A context with a clock that stands still until `tick`. */
export function testContext(
  flags: Partial<GlobalFlags> = {},
  over: { stdout?: Capture; stderr?: Capture; env?: CliContext["env"]; cwd?: string } = {},
): TestContext {
  let now = Date.UTC(2026, 0, 2, 3, 4, 5);
  const stdout: Capture & Output = over.stdout ?? new Capture();
  const stderr: Capture & Output = over.stderr ?? new Capture();
  return {
    stdout,
    stderr,
    stdin: process.stdin,
    env: over.env ?? {},
    clock: () => new Date(now),
    cwd: over.cwd ?? process.cwd(),
    signal: new AbortController().signal,
    flags: { project: undefined, json: false, quiet: false, verbose: false, color: false, ...flags },
    tick(ms) {
      now += ms;
    },
  };
}
