import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf, seasonedData } from "../support/engine/manifest.ts";
import { TestProject } from "../support/engine/testProject.ts";

/** The arguments of one resource as a user would write them, and what the engine has to print: property and text of every fault. */
type BadInput = readonly [title: string, args: string, faults: Readonly<Record<string, string>>];

const role = `arn: "arn:aws:iam::111122223333:role/dev"`;
const templates = "{{EC2PrivateDNSName}}, {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}}";

const inputs: readonly BadInput[] = [
  [
    "no ARN and no account",
    `{ username: "dev" }`,
    { arn: "neither arn nor account is set; give the ARN of an IAM role or user, or an account" },
  ],
  [
    "an ARN and an account",
    `{ ${role}, account: "111122223333" }`,
    { account: 'account "111122223333" cannot be combined with arn; give either' },
  ],
  [
    "a group's ARN",
    `{ arn: "arn:aws:iam::111122223333:group/dev", username: "dev" }`,
    {
      arn: 'arn "arn:aws:iam::111122223333:group/dev" is an IAM group, which never signs in itself; map a role that the group may assume, or each of its users',
    },
  ],
  [
    "nonsense for an ARN",
    `{ arn: "nonsense", username: "dev" }`,
    { arn: 'arn "nonsense" is not an ARN; give arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME' },
  ],
  [
    "an assumed role",
    `{ arn: "arn:aws:sts::111122223333:assumed-role/dev/session", username: "dev" }`,
    {
      arn: 'arn "arn:aws:sts::111122223333:assumed-role/dev/session" is a session of a role, which aws-auth never matches; use the role\'s ARN "arn:aws:iam::111122223333:role/dev"',
    },
  ],
  [
    "neither username nor groups",
    `{ ${role} }`,
    {
      username:
        'neither username nor groups are set for arn "arn:aws:iam::111122223333:role/dev"; set username, groups or both',
    },
  ],
  [
    "an account of 11 digits",
    `{ account: "11112222333" }`,
    {
      account: 'account "11112222333" is not an AWS account ID; give a string of 12 digits, without blanks or dashes',
    },
  ],
  [
    "an account given as a number",
    `{ account: 111122223333 }`,
    {
      account:
        "account 111122223333 is a number, which loses leading zeros; write it in quotes, as a string of 12 digits",
    },
  ],
  [
    "an unknown template",
    `{ ${role}, username: "{{Sessionname}}" }`,
    {
      username: `username "{{Sessionname}}" has {{Sessionname}}, which the authenticator does not fill in; did you mean {{SessionName}}? It knows ${templates}`,
    },
  ],
  ["an empty group", `{ ${role}, groups: ["dev", ""] }`, { groups: 'group "" is empty; remove it' }],
  [
    "several faults at once, misspelt names among them",
    `{ arn: "nonsense", username: "{{Who}}", groups: "dev", noDuplicateArns: true, adopt: "yes" }`,
    {
      noDuplicateArns: '"noDuplicateArns" is not an input of an IdentityMapping; did you mean noDuplicateARNs?',
      arn: 'arn "nonsense" is not an ARN; give',
      username: 'username "{{Who}}" has {{Who}}, which the authenticator does not fill in; It knows',
      groups: 'groups "dev" is not a list; write groups: ["dev"]',
      adopt: 'adopt "yes" must be true or false, without quotes',
    },
  ],
  [
    "a misspelt field of the cluster",
    `{ ${role}, username: "dev", cluster: { manifst: "aws-auth.yaml" } }`,
    // No input is named where the engine would print a value that may hold a kubeconfig.
    { "": 'cluster has an unknown key "manifst"; did you mean "manifest"?' },
  ],
  [
    "no cluster named anywhere",
    `{ ${role}, username: "dev", cluster: undefined }`,
    {
      cluster:
        'no cluster is named: set cluster on the resource to the name of an EKS cluster, { name, region?, profile?, roleArn? }, { kubeconfig?, context? } or { manifest: "aws-auth.yaml" }, or name the stack\'s cluster with one of "pulumi config set aws-auth:cluster NAME" (EKS), aws-auth:kubeconfig, aws-auth:context or aws-auth:manifest',
    },
  ],
  [
    "a manifest that is not a ConfigMap",
    `{ ${role}, username: "dev", cluster: { manifest: "package.json" } }`,
    {
      cluster:
        'manifest "package.json" holds a document without a kind; it must hold a ConfigMap named aws-auth in namespace kube-system',
    },
  ],
  [
    "a mapRoles that does not parse",
    `{ ${role}, username: "dev", cluster: { manifest: "broken.yaml" } }`,
    { cluster: "mapRoles in kube-system/aws-auth cannot be read (line " },
  ],
];

describe("bad input", () => {
  const files = {
    "aws-auth.yaml": manifestOf(seasonedData),
    "broken.yaml": manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }),
  };
  let project: TestProject;

  beforeAll(async () => {
    project = await TestProject.create();
    for (const [name, text] of Object.entries(files)) {
      await project.write(name, text);
    }
    const cases = inputs.map(([title, args]) => `${JSON.stringify(title)}: ${args}`);
    await project.program(`
      const cases = { ${cases.join(", ")} };
      new IdentityMapping("dev", { cluster: { manifest: "aws-auth.yaml" }, ...cases[process.env.CASE] });
    `);
  });
  afterAll(() => project.remove());

  it.concurrent.each(inputs)("%s fails the preview with one clear line a fault", async (title, _args, faults) => {
    const { code, output } = await project.with({ CASE: title }).preview();
    expect(code).not.toBe(0);
    const problems = output.split("\n").filter((line) => line.includes("has a problem: "));
    expect(problems).toHaveLength(Object.keys(faults).length);
    for (const [property, text] of Object.entries(faults)) {
      const named = property === "" ? "resource 'dev' has a problem" : `property ${property} value `;
      const problem = problems.find((line) => line.includes(named));
      expect(problem?.split("has a problem: ")[1]).toContain(text);
    }
    expect(output).not.toMatch(/^\s+at /m);
  });

  it("leaves a mapRoles that does not parse as it is, in an up as well", async () => {
    const { code, output } = await project.with({ CASE: "a mapRoles that does not parse" }).up();
    expect(code).not.toBe(0);
    expect(output).toContain("mapRoles in kube-system/aws-auth cannot be read");
    for (const [name, text] of Object.entries(files)) {
      expect(await project.read(name)).toBe(text);
    }
  });
});
