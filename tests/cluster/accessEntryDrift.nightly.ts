import {
  AssociateAccessPolicyCommand,
  DeleteAccessEntryCommand,
  DisassociateAccessPolicyCommand,
  EKSClient,
  UpdateAccessEntryCommand,
} from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { principalKey } from "../../provider/mapping/index.ts";
import { readBlock } from "../support/docs/markdown.ts";
import { type AccessEntryCluster, account, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";

const clusterName = "prod";
const admins = "AmazonEKSClusterAdminPolicy";
const userArn = `arn:aws:iam::${account}:user/ann`;
const foreignArn = roleOf("foreign", "444455556666");

/** The mappings of the stack, and their groups. */
const mappings = {
  dev: ["viewers"],
  admin: ["system:masters", "auditors"],
  narrow: ["system:masters"],
  more: ["viewers"],
  gone: ["viewers"],
  reborn: ["viewers"],
  roaming: ["viewers"],
  ann: ["viewers"],
  foreign: ["viewers"],
  free: ["viewers"],
  mapped: ["viewers"],
};
const names = Object.keys(mappings);
const givenArns = { ann: userArn, foreign: foreignArn };
const arnOf = (name: string) => new Map(Object.entries(givenArns)).get(name) ?? roleOf(name);

const program = `
  const arns = ${JSON.stringify(givenArns)};
  for (const [name, groups] of Object.entries(${JSON.stringify(mappings)})) {
    const arn = arns[name] ?? "${roleOf("")}" + name;
    new IdentityMapping(name, { arn, username: name, groups }, name === "free" ? { ignoreChanges: ["groups"] } : {});
  }
`;

/** The actions that a policy allows. */
function actionsIn(policy: string): string[] {
  const { Statement }: { Statement: { Action: string | string[] }[] } = JSON.parse(policy);
  return Statement.flatMap(({ Action }) => Action);
}

const inOneLine = (text: string) => text.replace(/\s+/g, " ").trim();

describe("access entries that drift", () => {
  let world: AccessEntryCluster;
  let person: EKSClient;
  let project: TestProject;

  beforeAll(async () => {
    world = await startEntryCluster();
    const { aws, deployer } = world;
    for (const name of names) {
      aws.principals.create(name === "roaming" ? roleOf("old/roaming") : arnOf(name));
    }
    const credentials = aws.caller("person", aws.principals.create(`arn:aws:iam::${account}:user/person`).arn);
    person = new EKSClient({ region: "eu-central-1", credentials, endpoint: aws.url });
    const documented = [];
    for (const action of ["eks:DescribeCluster", "eks:CreateAccessEntry"]) {
      documented.push(...actionsIn(await readBlock("docs/permissions.md", `"${action}"`)));
    }
    aws.permit(deployer, documented);
    project = await world.add("drift", program);
  });
  afterAll(async () => {
    person?.destroy();
    await world?.stop();
  });

  const entryOf = (name: string) =>
    world.aws.entries(clusterName).find(({ principalArn }) => principalKey(principalArn) === principalKey(arnOf(name)));
  const policyArn = (name: string) => `arn:aws:eks::aws:cluster-access-policy/${name}`;
  const of = (name: string) => ({ clusterName, principalArn: arnOf(name) });
  const update = (name: string, username: string, kubernetesGroups: string[]) =>
    person.send(new UpdateAccessEntryCommand({ ...of(name), username, kubernetesGroups }));
  const remove = (name: string) => person.send(new DeleteAccessEntryCommand(of(name)));
  const associate = (name: string, policy: string, namespaces: string[]) => {
    const accessScope =
      namespaces.length === 0 ? ({ type: "cluster" } as const) : ({ type: "namespace", namespaces } as const);
    return person.send(new AssociateAccessPolicyCommand({ ...of(name), policyArn: policyArn(policy), accessScope }));
  };
  const disassociate = (name: string, policy: string) =>
    person.send(new DisassociateAccessPolicyCommand({ ...of(name), policyArn: policyArn(policy) }));

  /** Deletes a role or user and makes it again, in a later second than its access entry: IAM tells no more. */
  async function remake(arn: string, as = arn): Promise<void> {
    const secondOf = (time: number) => Math.floor(time / 1000);
    const { createdAt = 0 } = world.aws.entry(clusterName, arn) ?? {};
    await expect.poll(() => secondOf(Date.now()), { timeout: 5_000 }).toBeGreaterThan(secondOf(createdAt));
    world.aws.principals.delete(arn);
    world.aws.principals.create(as);
  }

  /** What the entry of a mapping says, and whether somebody gets in by it. */
  const saysNow = (name: string) => {
    const { principalArn = "", username, kubernetesGroups, policies = [], tags = {} } = entryOf(name) ?? {};
    const scoped = policies.map(({ policyArn: arn, accessScope }) => `${arn.replace(/.*\//, "")} ${accessScope.type}`);
    const isIn = world.aws.whoGetsIn(clusterName, { principalArn }) !== undefined;
    return { username, kubernetesGroups, policies: scoped, tags: Object.keys(tags), isIn };
  };
  const allSay = () => Object.fromEntries(names.map((name) => [name, saysNow(name)]));

  /** Somebody changes what is in EKS and IAM. */
  async function drift(): Promise<void> {
    await update("dev", "hacked", ["x", "y"]);
    await disassociate("admin", admins);
    await associate("narrow", admins, ["test", "dev"]);
    await associate("more", "AmazonEKSViewPolicy", []);
    await remove("gone");
    await update("free", "free", ["other"]);
    await remake(arnOf("reborn"));
    await remake(userArn);
    // Of other accounts nothing is known, and nothing is told.
    await remake(foreignArn);
  }

  const changed = (before: string, after: string) => `changed outside Pulumi: ${before} => ${after}`;
  const dead = (kind: string) =>
    `dead, since the ${kind} was deleted and made again after it, so that it lets nobody in`;

  /** What is shown of each of the mappings. */
  const drifts = (where: string): Readonly<Record<string, Readonly<Record<string, string>>>> => ({
    dev: { [`${where}username`]: changed("dev", "hacked"), [`${where}groups`]: changed("[viewers]", "[x, y]") },
    admin: { [`${where}policies`]: changed(`[${admins} (cluster)]`, "[]") },
    narrow: { [`${where}policies`]: changed(`[${admins} (cluster)]`, `[${admins} (namespaces dev, test)]`) },
    more: { [`${where}policies`]: changed("[]", "[AmazonEKSViewPolicy (cluster)]") },
    gone: { accessEntry: "removed outside Pulumi" },
    reborn: { accessEntry: dead("role") },
    ann: { accessEntry: dead("user") },
  });

  it("are shown by property in a plain preview, told in a refresh, restored, and then are as they were, in mode API", async () => {
    await world.inMode(project, "API");
    expect(await project.up()).toMatchObject({ code: 0 });
    const before = allSay();
    expect(before["admin"]).toMatchObject({
      kubernetesGroups: ["auditors"],
      policies: [`${admins} cluster`],
      isIn: true,
    });
    await drift();
    await remake(roleOf("old/roaming"), roleOf("new/roaming"));

    const { raw } = await project.pulumi("preview");
    const [, ...told] = inOneLine(raw.slice(raw.indexOf("Diagnostics:"))).split("warning: drift of ");
    const shown = Object.entries({ ...drifts(""), roaming: { accessEntry: dead("role") } });
    expect(told.map((text) => text.replace(/ (pulumi[\w:-]*:|Resources:).*/, "")).toSorted()).toEqual(
      shown
        .map(([name, drift]) => [name, Object.entries(drift).map(([property, how]) => `${property}: ${how}`)] as const)
        .map(([name, texts]) => `arn "${arnOf(name)}": ${texts.join("; ")}`)
        .toSorted(),
    );
    const { output: refreshed } = await project.pulumi("refresh", "--preview-only");
    for (const [arn, kind] of [
      [arnOf("reborn"), "role"],
      [userArn, "user"],
      [roleOf("old/roaming"), "role"],
    ] as const) {
      expect(refreshed).toContain(`the access entry of arn "${arn}" is ${dead(kind)}; "pulumi up" makes it again`);
    }

    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining(`~ ${shown.length} updated`) });
    const foreign = { ...before["foreign"], isIn: false };
    expect(allSay()).toEqual({ ...before, foreign, free: { ...before["free"], kubernetesGroups: ["other"] } });
    expect(entryOf("roaming")?.principalArn).toBe(roleOf("new/roaming"));
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    // It takes what is ignored into the state, once.
    expect(await project.refresh()).toMatchObject({ code: 0 });
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(saysNow("free")).toMatchObject({ kubernetesGroups: ["other"] });
  });

  it("are told apart from the map that drifts in mode API_AND_CONFIG_MAP", async () => {
    await world.inMode(project, "API_AND_CONFIG_MAP");
    expect(await project.up()).toMatchObject({ code: 0 });
    const before = allSay();
    const { mapRoles = "" } = await world.map.data();
    await drift();
    await world.map.patch({ mapRoles: mapRoles.replace("username: mapped", "username: other"), mapUsers: "[]\n" });

    const { raw } = await project.preview();
    const shown = {
      ...drifts("accessEntry."),
      mapped: { username: changed("mapped", "other") },
      ann: { entry: "removed outside Pulumi", accessEntry: dead("user") },
    };
    const lines = raw.split("\n").map((line) => line.trim().replace(/ +: /, ": "));
    expect(lines.filter((line) => / => |outside Pulumi|dead/.test(line) && line.startsWith("+")).toSorted()).toEqual(
      Object.values<Readonly<Record<string, string>>>(shown)
        .flatMap((drift) => Object.entries(drift))
        .map(([property, how]) => `+ ${property}: ${JSON.stringify(how)}`)
        .toSorted(),
    );
    expect(await project.up()).toMatchObject({
      code: 0,
      output: expect.stringContaining(`~ ${Object.keys(shown).length} updated`),
    });
    expect(allSay()).toEqual(before);
    expect((await world.map.data())["mapRoles"]).toBe(mapRoles);
    expect(await project.preview("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.refresh("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.destroy()).toMatchObject({ code: 0 });
    expect(world.aws.entries(clusterName)).toEqual([]);
  });

  it("cost who has none one list, where administrators or nodes may go, since others' count in this cluster too", async () => {
    await world.inMode(project, undefined);
    const asked: Record<string, readonly string[]> = {};
    for (const [run, act] of Object.entries({
      preview: () => project.preview(),
      up: () => project.up(),
      refresh: () => project.refresh(),
      destroy: () => project.destroy(),
    })) {
      world.aws.forgetCalls();
      expect(await act()).toMatchObject({ code: 0 });
      // It is the cluster that asks STS, for whom the token is.
      asked[run] = world.aws.calls.filter(({ service }) => service !== "sts").map(({ operation }) => operation);
    }
    expect(asked).toEqual({
      preview: ["DescribeCluster"],
      up: ["DescribeCluster"],
      refresh: ["DescribeCluster"],
      destroy: ["DescribeCluster", "ListAccessEntries"],
    });
  });
});
