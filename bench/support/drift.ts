import type { AwsAuthMap } from "../../tests/support/cluster/awsAuth.ts";
import type { TestProject } from "../../tests/support/engine/testProject.ts";
import { timed } from "./timed.ts";

/** Somebody edits every hundredth entry by hand; a preview tells; somebody puts it back. @returns the preview's seconds. */
export async function driftOfMap(project: TestProject, map: AwsAuthMap): Promise<number> {
  const { mapRoles = "" } = await map.data();
  await map.patch({ mapRoles: mapRoles.replace(/(username: user:)(\d*00|0)$/gm, "$1$2-by-hand") });
  const seconds = await previewOfUpdates(project);
  await map.patch({ mapRoles });
  return seconds;
}

/** Seconds of a preview, which has to plan updates. */
export function previewOfUpdates(project: TestProject): Promise<number> {
  return timed(async () => {
    const outcome = await project.pulumi("preview");
    if (!/~ \d+ to update/.test(outcome.output)) {
      throw new Error(`a preview of drift found none:\n${outcome.output.slice(-4000)}`);
    }
    return outcome;
  });
}
