import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { manifestOf } from "../support/engine/manifest.ts";
import { type Outcome, TestProject } from "../support/engine/testProject.ts";

const account = "arn:aws:iam::123456789012";
const node = `- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: ${account}:role/node
  username: system:node:{{EC2PrivateDNSName}}
`;
const nodeEntry = {
  rolearn: `${account}:role/node`,
  username: "system:node:{{EC2PrivateDNSName}}",
  groups: ["system:bootstrappers", "system:nodes"],
};

const team = `- {rolearn: "${account}:role/team", username: team, groups: [dev, ops]}\n`;
const teamEntry = { rolearn: `${account}:role/team`, username: "team", groups: ["dev", "ops"] };
const identical = "entries that are identical to mappings of this program and have no owner are claimed";

/** What eksctl was seen to do with one item, and what is to come of it here. */
interface Scenario {
  readonly title: string;
  /** The map's data before; undefined: there is no ConfigMap. */
  readonly before?: Readonly<Record<string, string>>;
  /** The item, in YAML flow style. */
  readonly item: string;
  /** What the map says afterwards, whatever its notation. */
  readonly after: Readonly<Record<string, unknown>>;
  /** What the user is told besides. */
  readonly prints?: string;
}

/** eksctl's own results, where the two agree; where they do not on purpose, the comment says what eksctl does. */
const scenarios: readonly Scenario[] = [
  {
    title: "a role where there is no ConfigMap",
    item: `{ arn: "${account}:role/testing", username: admin, groups: ["system:masters"] }`,
    // eksctl adds mapUsers: [].
    after: { mapRoles: [{ rolearn: `${account}:role/testing`, username: "admin", groups: ["system:masters"] }] },
  },
  {
    title: "a user beside a node role",
    before: { mapRoles: node },
    item: `{ arn: "${account}:user/alice", username: alice, groups: [dev, ops] }`,
    after: {
      mapRoles: [nodeEntry],
      mapUsers: [{ userarn: `${account}:user/alice`, username: "alice", groups: ["dev", "ops"] }],
    },
  },
  {
    title: "an identical mapping with noDuplicateARNs, its groups in another order",
    before: { mapRoles: team },
    item: `{ arn: "${account}:role/team", username: team, groups: [ops, dev], noDuplicateARNs: true }`,
    after: { mapRoles: [teamEntry] },
    prints: identical,
  },
  {
    title: "an identical mapping without noDuplicateARNs",
    before: { mapRoles: team },
    item: `{ arn: "${account}:role/team", username: team, groups: [dev, ops] }`,
    // eksctl appends the same entry once more.
    after: { mapRoles: [teamEntry] },
    prints: identical,
  },
  {
    title: "a username alone",
    item: `{ arn: "${account}:role/x", username: x }`,
    after: { mapRoles: [{ rolearn: `${account}:role/x`, username: "x" }] },
  },
  {
    title: "a username that YAML 1.1 would take for a boolean",
    item: `{ arn: "${account}:role/x", username: "y" }`,
    after: { mapRoles: [{ rolearn: `${account}:role/x`, username: "y" }] },
  },
  {
    title: "an account with leading zeros",
    before: { mapAccounts: '- "111111111111"\n' },
    item: '{ account: "000000000000" }',
    // eksctl sorts the accounts.
    after: { mapAccounts: ["111111111111", "000000000000"] },
  },
];

/** eksctl refuses the second and the last as well. */
const conflicts: readonly Scenario[] = [
  {
    // eksctl appends it, and it counts.
    title: "another mapping of the same ARN without noDuplicateARNs",
    before: { mapRoles: node },
    item: `{ arn: "${account}:role/node", username: x }`,
    after: { mapRoles: [nodeEntry] },
    prints: `arn "${account}:role/node" is already mapped (mapRoles entry 1`,
  },
  {
    // eksctl appends the same entry once more.
    title: "an identical mapping of nodes, which a destroy of the stack would remove",
    before: { mapRoles: node },
    item: `{ arn: "${account}:role/node", username: "system:node:{{EC2PrivateDNSName}}", groups: ["system:bootstrappers", "system:nodes"] }`,
    after: { mapRoles: [nodeEntry] },
    prints: `arn "${account}:role/node" is mapped for nodes by an entry that no Pulumi resource claims`,
  },
  {
    title: "a conflicting mapping with noDuplicateARNs",
    before: { mapRoles: node },
    item: `{ arn: "${account}:role/node", username: x, groups: [other], noDuplicateARNs: true }`,
    after: { mapRoles: [nodeEntry] },
    prints: `arn "${account}:role/node" is already mapped (mapRoles entry 1`,
  },
  {
    title: "the same in another letter case",
    before: { mapRoles: node },
    item: `{ arn: "${account}:role/NODE", username: x, groups: [other], noDuplicateARNs: true }`,
    after: { mapRoles: [nodeEntry] },
    prints: `arn "${account}:role/NODE" is already mapped (mapRoles entry 1`,
  },
  {
    title: "a map that does not parse",
    before: { mapRoles: "- rolearn: x\n   username: bad\n" },
    item: `{ arn: "${account}:role/new", username: new }`,
    after: {},
    prints: "mapRoles",
  },
];

const config = (items: readonly string[]): string => `apiVersion: eksctl.io/v1alpha5
kind: ClusterConfig
metadata: { name: demo, region: us-west-2 }
iamIdentityMappings:
${items.map((item) => `- ${item}\n`).join("")}`;

/** All scenarios in one program, each with a file and a map of its own. */
async function writeScenarios(project: TestProject, all: readonly Scenario[]): Promise<void> {
  const lines = all.map(async ({ before, item }, index) => {
    await project.write(`cluster${index}.yaml`, config([item]));
    if (before !== undefined) {
      await project.write(`map${index}.yaml`, manifestOf(before));
    }
    return `new awsAuth.IdentityMappings("s${index}", { file: "cluster${index}.yaml", cluster: { manifest: "map${index}.yaml" } });\n`;
  });
  await project.program((await Promise.all(lines)).join(""));
}

async function mapOf(project: TestProject, index: number): Promise<Record<string, unknown>> {
  const { data } = parse(await project.read(`map${index}.yaml`));
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, parse(String(text))]));
}

describe("an eksctl file that is accepted", () => {
  let project: TestProject;
  let up: Outcome;
  beforeAll(async () => {
    project = await TestProject.create();
    await writeScenarios(project, scenarios);
    up = await project.up();
  });
  afterAll(() => project.remove());

  it("is carried out", () => {
    expect(up).toMatchObject({ code: 0 });
  });

  it.each(scenarios.map((scenario, index) => ({ ...scenario, index })))(
    "maps $title",
    async ({ after, prints, index }) => {
      expect(await mapOf(project, index)).toEqual(after);
      expect(up.output).toContain(prints ?? "");
    },
  );

  it("changes nothing when it is carried out again, where eksctl appends every item once more", async () => {
    const before = await project.read("map0.yaml");
    expect(await project.up("--expect-no-changes")).toMatchObject({ code: 0 });
    expect(await project.read("map0.yaml")).toBe(before);
  });

  it("is one change for an item that is added in the middle, edited or taken out", async () => {
    const items = ["admin", "ops"].map((name) => `{ arn: "${account}:role/${name}", username: ${name} }`);
    const [first = "", last = ""] = items;
    const file = "cluster0.yaml";
    await project.write(file, config(items));
    await project.up();
    const middle = `{ arn: "${account}:user/new", groups: [new] }`;
    await project.write(file, config([first, middle, last]));
    const added = await project.up();
    expect(added.output).toMatch(/Resources:\n\s+\+ 1 created\n\s+\d+ unchanged/);
    await project.write(file, config([middle.replace("[new]", "[newer]"), last, first]));
    const edited = await project.up();
    expect(edited.output).toMatch(/Resources:\n\s+~ 1 updated\n\s+\d+ unchanged/);
    await project.write(file, config([last, first]));
    const removed = await project.up();
    expect(removed.output).toMatch(/Resources:\n\s+- 1 deleted\n\s+\d+ unchanged/);
  });
});

describe("an eksctl file that is in the way of the live map", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create();
  });
  afterAll(() => project.remove());

  it.each(conflicts)(
    "fails in preview for $title, and writes nothing",
    async ({ before = {}, prints = "", ...scenario }) => {
      await writeScenarios(project, [{ before, ...scenario }]);
      const { code, output } = await project.preview();
      expect(code).not.toBe(0);
      expect(output).toContain(prints);
      expect(output).not.toMatch(/\n\s+at /);
      expect(await project.read("map0.yaml")).toBe(manifestOf(before));
    },
  );
});

describe("an eksctl file with problems", () => {
  let project: TestProject;
  beforeAll(async () => {
    project = await TestProject.create();
    await project.program('new awsAuth.IdentityMappings("team", { file: "cluster.yaml" });');
  });
  afterAll(() => project.remove());

  it("shows all of its form with their lines, and no stack", async () => {
    const items = [
      `{ account: "222222222222", arn: "${account}:role/x" }`,
      `{ arn: "${account}:role/x" }`,
      `{ arn: "${account}:group/x", username: x }`,
      "{ arn: nonsense, username: x }",
      "{ serviceName: emr-containers }",
      `{ arn: "${account}:role/x", username: x, noDuplicateArns: true }`,
      "{ account: 000000000000 }",
    ];
    await project.write("cluster.yaml", config(items));
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain('IdentityMappings "team": cluster.yaml is not a valid ClusterConfig:');
    for (const text of [
      "cluster.yaml:5: iamIdentityMappings[0]: more than one of arn, account and serviceName is set; set one",
      "cluster.yaml:9: iamIdentityMappings[4]: namespace is not set",
      'cluster.yaml:10: iamIdentityMappings[5].noDuplicateArns: unknown key "noDuplicateArns"; valid keys: arn, username',
      "cluster.yaml:11: iamIdentityMappings[6].account: account 0 is not a string; write it in quotes",
    ]) {
      expect(output).toContain(text);
    }
    expect(output).not.toMatch(/\n\s+at |Error:.*Error/);
  });

  it("reports where it looked if there is no such file", async () => {
    await project.program('new awsAuth.IdentityMappings("team", { file: "nowhere.yaml" });');
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toContain(
      'IdentityMappings "team": nowhere.yaml cannot be read: there is no such file (looked for /',
    );
    expect(output).not.toMatch(/\n\s+at /);
  });
});
