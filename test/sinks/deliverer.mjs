// Delivers one version with a sink of the built JavaScript, so that a test can kill it. Prints "begins" first, "done" at the end.
import { openEngine } from "../../dist/engine/open.js";
import { loadKinds } from "../../dist/host/kinds.js";
import { openSink } from "../../dist/sinks/kinds.js";

const { stateDir, engine: config, kind, options, input } = JSON.parse(process.argv[2]);
const engine = await openEngine({ stateDir, config });
const { sinks } = await loadKinds();
const sink = openSink(sinks, "out", { kind, config: sinks.get(kind).options.parse(options) });
process.stdout.write("begins\n");
const signal = new AbortController().signal;
await sink.write(input, { engine, spool: stateDir, projectDir: stateDir, signal, warn: () => {} });
process.stdout.write("done\n");
await sink.close();
await engine.close();
process.exit(0);
