import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repository } from "../../support/engine/testProject.ts";

const { peerDependencies }: { peerDependencies: Record<string, string> } = JSON.parse(
  readFileSync(join(repository, "package.json"), "utf8"),
);

/** The lowest version of @pulumi/pulumi that the package promises to work with. */
export const lowestPulumi = (peerDependencies["@pulumi/pulumi"] ?? "").replace("^", "");

/** That version, and the compiler that goes with it. */
export const lowestVersions = { "@pulumi/pulumi": lowestPulumi, typescript: "^5.9.0" };
