import { smallPartOf } from "./small.js";

smallPartOf(({ id, postgres = false }) => id.startsWith("R") && !postgres);
