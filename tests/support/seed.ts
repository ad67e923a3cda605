import { randomInt } from "node:crypto";
import { isNightly } from "./nightly.ts";

/** The seed of all random tests: that in SEED, else a new one for each nightly run, and a fixed one for other runs. */
export const seed = Number(process.env["SEED"] ?? (isNightly ? randomInt(2 ** 31) : 20261124));
