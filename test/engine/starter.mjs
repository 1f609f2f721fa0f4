// Opens the engine of the folder given and stays until it is killed: "another process" of the lifecycle tests.
import { readAddress } from "../../dist/engine/discovery.js";
import { openEngine } from "../../dist/engine/open.js";

const [stateDir = "", config = "{}"] = process.argv.slice(2);
await openEngine({ stateDir, config: JSON.parse(config) });
process.send?.((await readAddress(stateDir))?.pid);
setInterval(() => {}, 1000);
