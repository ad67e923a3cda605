import { describe, expect, it } from "vitest";
import { engineOwn, mostVerbose } from "../support/cluster/leaks.ts";
import { plainly } from "../support/doors/declared.ts";
import { pluginDoor } from "../support/doors/door.ts";
import { roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import { stateFileOf } from "../support/engine/state.ts";

describe("a provider's settings that are secret, through the resource plugin", () => {
  it("are in no message and, in clear, in no state", async () => {
    const world = await startEntryCluster();
    try {
      const kubeconfig = world.cluster.kubeconfig("deployer");
      const secrets = [world.cluster.token("deployer"), world.cluster.caData.slice(100, 160)];
      const leaksIn = (text: string) =>
        text.split("\n").filter((line) => !engineOwn.test(line) && secrets.some((one) => line.includes(one)));
      const program = pluginDoor.program(plainly({ dev: { arn: roleOf("dev"), username: "dev" } }));
      const project = await world.add("settings", program, pluginDoor);
      await project.configure({});
      await project.pulumi("config", "set", "--secret", "aws-auth:kubeconfig", kubeconfig);
      for (const run of [
        () => project.preview(...mostVerbose),
        () => project.up(),
        () => project.refresh(...mostVerbose),
        () => project.destroy(),
      ]) {
        const { code, output } = await run();
        expect({ code, leaks: leaksIn(output) }).toEqual({ code: 0, leaks: [] });
        expect(leaksIn(await stateFileOf(project))).toEqual([]);
      }
      for (const name of ["kubeconfg", "lockoutProtection"]) {
        await project.configure({});
        await project.pulumi("config", "set", "--secret", `aws-auth:${name}`, kubeconfig);
        const { code, output } = await project.preview();
        expect({ code, leaks: leaksIn(output) }).toEqual({ code: 1, leaks: [] });
        expect(output).toContain(`aws-auth:${name}`);
      }
    } finally {
      await world.stop();
    }
  }, 600_000);
});
