import { smallPartOf } from "./small.js";

smallPartOf(({ id }) => id.startsWith("S"));
