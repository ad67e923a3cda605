import { beforeEach, describe, expect, it, vi } from "vitest";
import { unfolded } from "../../support/unfolded.ts";
import { account, type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { counted, type Provider, startRun } from "./entryStack.ts";

const arnOf = (name: string) => `arn:aws:iam::${account}:role/${name}`;
const masters = "system:masters";
const nodeName = "system:node:{{EC2PrivateDNSName}}";
const nodeGroups = ["system:bootstrappers", "system:nodes"];
const strict = { "aws-auth:lockoutProtection": "error" };
const isRefused = expect.stringContaining("AWS_AUTH_LOCKOUT_PROTECTION=off pulumi up");

/** An entry of mapRoles. */
interface Mapped {
  readonly name: string;
  readonly username?: string;
  readonly groups: readonly string[];
}

const admin: Mapped = { name: "admin", groups: [masters] };
const second: Mapped = { name: "second", groups: [masters] };
const node: Mapped = { name: "node", username: nodeName, groups: nodeGroups };

const propertiesOf = ({ name, username = name, groups }: Mapped) => ({
  cluster: { name: "prod", region: "eu-central-1", account },
  arn: arnOf(name),
  username,
  groups: [...groups],
});

/** A cluster with these entries in aws-auth, and access entries that EKS or somebody else has made. */
async function cluster(
  map: readonly Mapped[],
  entries: Readonly<Record<string, Parameters<EntriesWorld["aws"]["addServiceEntry"]>[2]>>,
  mode: "CONFIG_MAP" | "API_AND_CONFIG_MAP" = "API_AND_CONFIG_MAP",
) {
  const world = await entriesWorld(mode);
  const items = map.map((mapped) => ({
    rolearn: arnOf(mapped.name),
    username: propertiesOf(mapped).username,
    groups: mapped.groups,
  }));
  world.kubernetes.data = { mapRoles: JSON.stringify(items) };
  for (const name of new Set([...map.map((mapped) => mapped.name), ...Object.keys(entries)])) {
    world.aws.principals.create(arnOf(name));
  }
  world.clock.behind -= 5_000;
  for (const [name, content] of Object.entries(entries)) {
    world.aws.addServiceEntry("prod", arnOf(name), content);
  }
  world.aws.forgetCalls();
  return world;
}

/** A run of a stack that does not say where its mappings are kept. */
async function start(): Promise<Provider> {
  const provider = await startRun();
  const values: Readonly<Record<string, string>> = {
    "aws-auth:cluster": "prod",
    "aws:region": "eu-central-1",
    ...strict,
  };
  await provider.configure({ config: { get: (key) => values[key], require: (key) => values[key] ?? "" } });
  return provider;
}

/** What a check refuses that changes a mapping. */
async function refusals(provider: Provider, before: Mapped, after: Partial<Mapped>): Promise<string[]> {
  const news = {
    ...propertiesOf({ ...before, ...after }),
    __context: JSON.stringify({ urn: `urn:pulumi:test::test::t::${before.name}` }),
  };
  const { failures = [] } = await provider.check(propertiesOf(before), news);
  return failures.map(({ reason }) => unfolded(reason));
}

const remove = (provider: Provider, mapped: Mapped) => provider.delete(mapped.name, propertiesOf(mapped));

const powerless = { type: "STANDARD", username: "second", groups: ["viewers"] } as const;
const adminEntry = { type: "STANDARD", username: "creator", policies: ["AmazonEKSClusterAdminPolicy"] } as const;

describe("a mapping that is kept in aws-auth, on a cluster that has access entries too,", () => {
  let told: string[] = [];
  beforeEach(() => {
    told = [];
    vi.spyOn(console, "error").mockImplementation((text) => void told.push(unfolded(String(text))));
    return () => vi.restoreAllMocks();
  });

  it("does not go where the other administrator is overridden by a powerless access entry", async () => {
    const world = await cluster([admin, second], { second: powerless });
    expect(await refusals(await start(), admin, { groups: ["viewers"] })).toEqual([isRefused]);
    await expect(remove(await start(), admin)).rejects.toMatchObject({ code: "lockout" });
    expect(world.kubernetes.data?.["mapRoles"]).toContain("role/admin");
  });

  it("goes where that access entry is dead, so that the other administrator counts", async () => {
    const world = await cluster([admin, second], { second: powerless });
    world.clock.behind -= 5_000;
    world.aws.principals.recreate(arnOf("second"));
    await remove(await start(), admin);
  });

  it.each([
    ["goes where another one has it in an access entry", "API_AND_CONFIG_MAP", "creator", false],
    ["goes where another stack has this one in an access entry", "API_AND_CONFIG_MAP", "admin", false],
    ["does not go where that does not count, since the cluster reads aws-auth alone", "CONFIG_MAP", undefined, true],
  ] as const)("is an administrator's that %s", async (_title, mode, holder, isLast) => {
    const world = await cluster([admin], holder === undefined ? {} : { [holder]: adminEntry }, mode);
    expect(await refusals(await start(), admin, { groups: ["viewers"] })).toEqual(isLast ? [isRefused] : []);
    const removal = remove(await start(), admin);
    await (isLast ? expect(removal).rejects.toMatchObject({ code: "lockout" }) : removal);
    expect(world.kubernetes.data?.["mapRoles"]?.includes("role/admin")).toBe(isLast);
  });

  it.each([
    [true, { type: "EC2_LINUX" }],
    [false, undefined],
  ] as const)("is for nodes and goes where EKS has made an access entry for them: %s", async (isFree, entry) => {
    const world = await cluster([node, admin], entry === undefined ? {} : { node: entry });
    const removal = remove(await start(), node);
    await (isFree ? removal : expect(removal).rejects.toMatchObject({ code: "lockout" }));
    expect(world.kubernetes.data?.["mapRoles"]?.includes("role/node")).toBe(!isFree);
  });

  it.each([
    ["gives the same", ["deployers"], true],
    ["gives less", [], true],
    ["is not there", undefined, false],
  ] as const)("is the run's own and goes where its access entry, which counts, %s", async (_title, groups, isFree) => {
    const ci: Mapped = { name: "ci", groups: ["deployers"] };
    const entry = { type: "STANDARD", username: "ci", groups: groups ?? [] } as const;
    await cluster([ci, admin], groups === undefined ? {} : { ci: entry });
    const provider = await start();
    const { ClusterSession } = await import("../../../provider/session/session.ts");
    vi.spyOn(ClusterSession.prototype, "caller").mockResolvedValue({ arn: arnOf("ci"), username: "ci" });
    const refused = await refusals(provider, ci, { groups: ["viewers"] });
    expect(refused).toEqual(isFree ? [] : [expect.stringContaining("is the identity of this run")]);
    const removal = remove(provider, ci);
    await (isFree ? removal : expect(removal).rejects.toMatchObject({ code: "lockout" }));
  });

  it.each([
    ["where access entries may not be read", true],
    ["where they may", false],
  ])("is judged by aws-auth alone %s, which is told: %s", async (_title, isDenied) => {
    const world = await cluster([admin, second], { second: powerless });
    if (isDenied) {
      world.aws.permit(world.deployer, ["eks:DescribeCluster"]);
    }
    const removal = remove(await start(), admin);
    await (isDenied ? removal : expect(removal).rejects.toMatchObject({ code: "lockout" }));
    expect(told.filter((text) => /access entries.* cannot be read.*ListAccessEntries/.test(text))).toHaveLength(
      isDenied ? 1 : 0,
    );
  });

  it("asks EKS for no access entry where it takes nothing that anybody must not lose", async () => {
    const world = await cluster([admin, { name: "team", groups: ["viewers"] }], { second: powerless });
    const provider = await start();
    expect(await refusals(provider, { name: "team", groups: ["viewers"] }, { groups: ["editors"] })).toEqual([]);
    await remove(provider, { name: "team", groups: ["viewers"] });
    expect(counted(world)).toEqual({ DescribeCluster: 1 });
  });
});
