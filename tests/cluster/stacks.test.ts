import { describe, expect } from "vitest";
import { parse } from "yaml";
import { claimsAnnotation } from "../../provider/claims.ts";
import type { AwsAuthMap } from "../support/cluster/awsAuth.ts";
import { test } from "../support/cluster/deployer.ts";
import { roleArn } from "../support/cluster/foreignWriter.ts";
import type { Outcome, TestProject } from "../support/engine/testProject.ts";
import { withoutOptions } from "../support/variants/declared.ts";
import { pluginVariant, sdkVariant } from "../support/variants/variant.ts";

const node = `- rolearn: ${roleArn("node")}\n  username: system:node:{{EC2PrivateDNSName}}\n`;
const dev = `arn "${roleArn("dev")}"`;

/** Two stacks on one map, which both map the role "dev" to a group. */
const stacksTest = test
  .extend("infra", { scope: "file" }, ({ addProject }) => addProject({ ...sdkVariant.options, name: "infra" }))
  .extend("apps", { scope: "file" }, ({ addProject }) => addProject({ ...pluginVariant.options, name: "apps" }));

stacksTest.beforeEach(async ({ map, infra, apps }) => {
  await map.reset({ mapRoles: node });
  await declare(infra, "viewers");
  await declare(apps, "viewers");
});

function declare(project: TestProject, group: string, options: { readonly adopt?: boolean } = {}): Promise<void> {
  const variant = project.name === "apps" ? pluginVariant : sdkVariant;
  const mapping = { arn: roleArn("dev"), username: "dev", groups: [group], ...options };
  return project.program(variant.program(withoutOptions({ dev: mapping })));
}

async function succeed(run: Promise<Outcome>): Promise<string> {
  const { code, output } = await run;
  expect(code, output).toBe(0);
  return output;
}

/** The groups of the entry of "dev", and the stacks that claim it. */
async function entryOfDev(map: AwsAuthMap): Promise<unknown> {
  const { data, metadata } = (await map.read()) ?? {};
  const entries: { rolearn: string; groups?: string[] }[] = parse(data?.["mapRoles"] ?? "");
  const claims = metadata?.annotations?.[claimsAnnotation]?.split("\n") ?? [];
  return {
    groups: entries.find(({ rolearn }) => rolearn === roleArn("dev"))?.groups,
    owners: claims.map((line) => line.split(" ")[2]).toSorted(),
  };
}

describe("two stacks on one map", () => {
  stacksTest("share an entry that both declare, and the last one removes it", async ({ map, infra, apps }) => {
    await succeed(infra.up());
    expect(await succeed(apps.up())).toContain(`${dev} is also managed by "infra/test dev"`);
    expect(await entryOfDev(map)).toEqual({ groups: ["viewers"], owners: ["apps/test", "infra/test"] });
    expect(await succeed(infra.destroy())).toContain(`was not removed, since it is also managed by "apps/test dev"`);
    expect(await entryOfDev(map)).toEqual({ groups: ["viewers"], owners: ["apps/test"] });
    await succeed(apps.destroy());
    expect(await map.data()).toEqual({ mapRoles: node });
    expect(await entryOfDev(map)).toEqual({ groups: undefined, owners: [] });
  });

  stacksTest(
    "change a shared entry only with adopt, and the other stack then refuses to change it",
    async ({ map, infra, apps }) => {
      const refused = async (project: TestProject, text: string) => {
        const before = await map.read();
        const { code, output } = await project.preview();
        expect(output).toContain(text);
        expect(code).not.toBe(0);
        expect(await map.read()).toEqual(before);
      };
      await succeed(infra.up());
      await succeed(apps.up());
      await declare(infra, "editors");
      await refused(infra, `is also managed by "apps/test dev", so it cannot be changed`);
      await declare(infra, "editors", { adopt: true });
      await succeed(infra.up());
      expect(await entryOfDev(map)).toEqual({ groups: ["editors"], owners: ["infra/test"] });
      await refused(apps, `${dev} was taken over by "infra/test dev"`);
      expect(await succeed(apps.destroy())).toContain(`was not removed, since it is also managed by "infra/test dev"`);
      expect(await entryOfDev(map)).toEqual({ groups: ["editors"], owners: ["infra/test"] });
      await succeed(infra.destroy());
      expect(await map.data()).toEqual({ mapRoles: node });
    },
  );
});
