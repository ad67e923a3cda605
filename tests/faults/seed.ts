/** What the random choices of a suite are made from; printed by each suite, and set to repeat one. */
export const seed = Number(process.env["FAULT_SEED"] ?? 20261124);
