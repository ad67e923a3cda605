import { beforeEach, describe, expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import { AwsError } from "../../support/eks/awsError.ts";
import { unfolded } from "../../support/unfolded.ts";
import { account, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { createIn, type Given, startRun } from "./entryStack.ts";

const team: Given = { name: "team", arn: `arn:aws:iam::${account}:role/team`, groups: ["viewers"] };
const reading = ["eks:Describe*", "eks:List*", "iam:*"];

async function teamsWorld() {
  const world = await entriesWorld("API");
  world.aws.principals.create(team.arn);
  world.clock.behind -= 30_000;
  return world;
}

function newsOf(properties: object, context: object = {}) {
  const urn = "urn:pulumi:prod::infra::t::team";
  const label = "organization/infra/prod team";
  const passed = JSON.stringify({ urn, label, stem: stemOf("organization", urn), isPreview: false, ...context });
  return { arn: team.arn, groups: team.groups, username: "team-user", ...properties, __context: passed };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? unfolded(error.message) : "";
}

describe("a write of an access entry", () => {
  let told: string[] = [];
  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    return () => vi.restoreAllMocks();
  });

  const nodes = { groups: ["system:bootstrappers", "system:nodes"], username: "system:node:{{EC2PrivateDNSName}}" };

  it("makes the old one again if its replacement is refused", async () => {
    const { aws } = await teamsWorld();
    const { id, outs } = await createIn(await startRun(), team);
    const before = aws.entry("prod", team.arn);
    const run = await startRun();
    const { inputs = {} } = await run.check(outs, newsOf(nodes));
    let creates = 0;
    aws.before = ({ operation }) =>
      operation === "CreateAccessEntry" && creates++ === 0
        ? new AwsError("AccessDeniedException", 403, "refused")
        : undefined;
    const message = await run.update(id, outs, inputs).then(() => "", messageOf);
    expect(message).toContain(`the access entry of arn "${team.arn}" was made again as it was`);
    const after = aws.entry("prod", team.arn);
    expect([after?.type, after?.username, after?.kubernetesGroups, after?.tags]).toEqual([
      before?.type,
      before?.username,
      before?.kubernetesGroups,
      before?.tags,
    ]);
  });

  it("says that it is gone if it cannot be made again either", async () => {
    const { aws, deployer } = await teamsWorld();
    const { id, outs } = await createIn(await startRun(), team);
    const run = await startRun();
    const { inputs = {} } = await run.check(outs, newsOf(nodes));
    aws.permit(deployer, [...reading, "eks:DeleteAccessEntry", "eks:TagResource", "eks:UntagResource"]);
    const message = await run.update(id, outs, inputs).then(() => "", messageOf);
    expect(message).toContain(`the access entry of arn "${team.arn}" is gone, and with it its access`);
  });

  it("stores no claim that there is no room for, and tells so", async () => {
    const { aws } = await teamsWorld();
    await createIn(await startRun(), team);
    const more = Array.from({ length: 49 }, (_, index) => [`tag${index}`, "x"]);
    Object.assign(aws.entry("prod", team.arn)?.tags ?? {}, Object.fromEntries(more));
    const { outs } = await createIn(await startRun(), { ...team, stack: "other" });
    expect([outs["__claim"], outs["__accessEntry"]]).toEqual([undefined, { principalArn: team.arn, isMade: false }]);
    expect(told.join("\n")).toContain(`the access entry of arn "${team.arn}" has no room for another tag`);
  });

  it("warns where it may not say whose the entry is that a delete leaves", async () => {
    const { aws, deployer } = await teamsWorld();
    const one = await createIn(await startRun("API", { "aws-auth:ownership": "off" }), team);
    await createIn(await startRun(), { ...team, stack: "other" });
    aws.permit(deployer, [...reading, "eks:DeleteAccessEntry"]);
    await (await startRun("API", { "aws-auth:ownership": "off" })).delete(one.id, one.outs);
    expect(aws.entries("prod")).toHaveLength(1);
    expect(told.join("\n")).toContain('stays: "organization/infra/other team" wants it');
    expect(told.join("\n")).toContain("its tag says that the entry was found");
  });
});
