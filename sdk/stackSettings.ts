import * as pulumi from "@pulumi/pulumi";
import type { Settings } from "../provider/cluster";

/** How the stack that runs the program is configured. */
export function stackSettings(): Settings {
  return { config: (key) => pulumi.runtime.getConfig(key), env: process.env, cwd: process.cwd() };
}
