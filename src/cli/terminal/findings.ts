/** Findings of `doctor` as lines. */
import type { Finding, Verdict } from "../../app/doctor-systems.ts";
import type { Style } from "./style.ts";

/** "ok    node      22.1.0", and what to do on a line of its own. */
export function renderFinding({ subject, verdict, message, hint }: Finding, style: Style): string[] {
  const line = `${colourOf(verdict, style)(verdict.padEnd(4))}  ${subject.padEnd(10)}  ${message}`;
  return hint === undefined ? [line] : [line, `${" ".repeat(18)}${style.dim("to do:")} ${hint}`];
}

function colourOf(verdict: Verdict, style: Style): (text: string) => string {
  if (verdict === "ok") return style.green;
  return verdict === "warn" ? style.yellow : style.red;
}
