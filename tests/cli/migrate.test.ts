import { describe, expect, it } from "vitest";
import { runCli } from "../support/cli/runCli.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { entry, iam, type MigrationWorld, migrationWorld, moveSome, sampleMap } from "../support/migration/world.ts";

const migrate = ({ aws, caller }: MigrationWorld, ...args: string[]) =>
  runCli(["migrate", "--cluster", "prod", ...args], { env: aws.env(caller) });

describe("migrate", () => {
  it("prints what docs/command-line.md shows, and changes nothing", async () => {
    const world = await migrationWorld(sampleMap);
    moveSome(world);
    const { code, stdout, stderr } = await migrate(world);
    expect([code, stderr]).toEqual([1, ""]);
    const shown = await readBlock("docs/command-line.md", "$ npx pulumi-aws-auth migrate --cluster prod\n");
    expect(stdout).toBe(shown.slice(shown.indexOf("\n") + 1));
    const verbs = world.aws.calls.map(({ operation }) => /^(?:Get|List|Describe)/.exec(operation)?.[0]);
    expect(verbs).not.toContain(undefined);
    expect(world.api.requests.map(({ line }) => line.split(" ")[0])).toEqual(["GET"]);
  });

  it("needs what docs/permissions.md lets it do, and no less", async () => {
    const policy = JSON.parse(await readBlock("docs/permissions.md", '"eks:ListNodegroups"'));
    const actions: string[] = policy.Statement.flatMap(({ Action }: { Action: string[] }) => Action);
    const world = await migrationWorld({
      mapRoles: entry(iam("role/admins"), "admin", "system:masters"),
      mapUsers: `- userarn: ${iam("user/jane")}\n  username: jane\n`,
    });
    moveSome(world);
    world.aws.addServiceEntry("prod", iam("user/jane"), { type: "STANDARD", username: "jane" });
    world.aws.addFargateProfile("prod", { fargateProfileName: "batch", podExecutionRoleArn: iam("role/ci") });
    world.aws.permit(world.caller, actions);
    expect((await migrate(world)).code).toBe(0);
    for (const missing of actions) {
      world.aws.permit(
        world.caller,
        actions.filter((action) => action !== missing),
      );
      const { code, stdout, stderr } = await migrate(world);
      // IAM only tells whether an access entry is dead.
      expect([missing, code]).toEqual([missing, missing.startsWith("iam:") ? 0 : 2]);
      expect(stdout + stderr).toContain(`may not do ${missing} (`);
    }
  });
});
