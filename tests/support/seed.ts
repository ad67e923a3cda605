import { randomInt } from "node:crypto";
import { isNightly } from "./nightly.ts";

/** The seed of all random tests. SEED sets it; without SEED, it is new in each nightly run, and fixed in other runs. */
export const seed = Number(process.env["SEED"] ?? (isNightly ? randomInt(2 ** 31) : 20261124));
