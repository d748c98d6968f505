import { describe } from "vitest";
import { canStartCluster } from "../../chaos/cluster.js";
import { server } from "../store/databases.js";
import { smallPartOf } from "./small.js";

// They start a server of their own, which they stop, crash and fill: the one of `npm run test:postgres` shows that it is asked for.
describe.runIf(server("chaos").length > 0 && canStartCluster())("PostgreSQL in trouble", () => {
  smallPartOf(({ postgres = false }) => postgres);
});
