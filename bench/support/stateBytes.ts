import type { TestProject } from "../../tests/support/engine/testProject.ts";
import { succeed } from "./timed.ts";

/** Bytes of a stack's state for each of its resources, without the stack itself and the provider's own entry. */
export async function stateBytesEach(project: TestProject): Promise<number> {
  const { raw } = await succeed(project.pulumi("stack", "export"));
  const { deployment }: { deployment: { resources: { type: string }[] } } = JSON.parse(raw);
  const ours = deployment.resources.filter(({ type }) => /^(?:pulumi-nodejs:dynamic|aws-auth:index)/.test(type));
  return Math.round(ours.reduce((sum, resource) => sum + JSON.stringify(resource).length, 0) / ours.length);
}
