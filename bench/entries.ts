import { registerHooks } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { repository } from "../tests/support/engine/testProject.ts";
import { type Bench, mappingNumber, timed } from "./bench.ts";
import { nodeProgram } from "./projects.ts";

/** The number of mappings, and of access entries of other owners, which are in between them in the list of EKS. */
const [count, others] = [100, 1000];

/** Counts the calls to EKS of a stack in access entries beside those of other owners, for each mapping, and times them. */
export async function entries(bench: Bench): Promise<void> {
  // The local AWS uses modules of the provider, which Node.js loads only from dist.
  const built = pathToFileURL(join(repository, "dist", "provider")).href;
  const hooks = registerHooks({
    resolve: (specifier, context, next) =>
      next(specifier.replace(/^[./]+\/provider\/(.*)\.ts$/, `${built}/$1.js`), context),
  });
  const { startEntryCluster } = await import("../tests/support/eks/entryCluster.ts");
  hooks.deregister();
  const { aws, add, inMode, stop } = await startEntryCluster("API");
  bench.onEnd(stop);
  for (let index = 0; index < others; index++) {
    const { arn } = aws.principals.create(`${mappingNumber(index % count).arn}-other${index}`);
    const tags = { "pulumi-aws-auth/claim": `00000000.000000 other/prod m${index}` };
    aws.addServiceEntry("prod", arn, { type: "STANDARD", tags });
  }
  for (let index = 0; index < count; index++) {
    aws.principals.create(mappingNumber(index).arn);
  }
  const project = await add("bench", nodeProgram("IdentityMapping", count));
  await inMode(project, "API");
  for (const [name, run] of [
    ["up", () => project.up()],
    ["preview", () => project.pulumi("preview", "--expect-no-changes")],
    ["refresh", () => project.refresh("--expect-no-changes")],
    ["destroy", () => project.destroy()],
  ] as const) {
    bench.progress(name);
    aws.forgetCalls();
    const seconds = await timed(run);
    const calls = aws.calls.filter(({ service }) => service === "eks").length;
    await bench.emit({ id: `entries/${name}`, unit: "", ours: [calls / count] });
    await bench.emit({ id: `entries/${name}/time`, unit: "s", ours: [seconds] });
  }
}
