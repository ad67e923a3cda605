import { manifestOf, seasonedData } from "./manifest.ts";

/** The arguments of one resource as a user would write them (`cluster: null`: none), and of every fault its property and what tells it apart. */
export type BadInput = readonly [title: string, args: object, faults: Readonly<Record<string, string>>];

const arn = "arn:aws:iam::111122223333:role/dev";

/** What `check` refuses. */
export const badInputs: readonly BadInput[] = [
  ["no ARN and no account", { username: "dev" }, { arn: "neither arn nor account" }],
  ["an ARN and an account", { arn, account: "111122223333" }, { account: 'account "111122223333"' }],
  [
    "a group's ARN",
    { arn: "arn:aws:iam::111122223333:group/dev", username: "dev" },
    {
      arn: "an IAM group",
    },
  ],
  ["nonsense for an ARN", { arn: "nonsense", username: "dev" }, { arn: 'arn "nonsense"' }],
  [
    "an assumed role",
    { arn: "arn:aws:sts::111122223333:assumed-role/dev/session", username: "dev" },
    {
      arn: `"${arn}"`,
    },
  ],
  [
    "neither username nor groups",
    { arn },
    {
      username: "neither username nor groups",
    },
  ],
  [
    "an account of 11 digits",
    { account: "11112222333" },
    {
      account: 'account "11112222333"',
    },
  ],
  [
    "an account given as a number",
    { account: 111122223333 },
    {
      account: "account 111122223333 is a number",
    },
  ],
  [
    "an unknown template",
    { arn, username: "{{Sessionname}}" },
    {
      username: "did you mean {{SessionName}}?",
    },
  ],
  ["an empty group", { arn, groups: ["dev", ""] }, { groups: 'group ""' }],
  [
    "several faults at once, misspelt names among them",
    { arn: "nonsense", username: "{{Who}}", groups: "dev", noDuplicateArns: true, adopt: "yes" },
    {
      noDuplicateArns: '"noDuplicateArns" is not an input of an IdentityMapping; did you mean noDuplicateARNs?',
      arn: 'arn "nonsense"',
      username: 'username "{{Who}}"',
      groups: 'groups "dev"',
      adopt: 'adopt "yes" must be true or false, without quotes',
    },
  ],
  [
    "a misspelt field of the cluster",
    { arn, username: "dev", cluster: { manifst: "aws-auth.yaml" } },
    // No input is named where the engine would print a value that may hold a kubeconfig.
    { "": 'cluster has an unknown key "manifst"; did you mean "manifest"?' },
  ],
  [
    "no cluster named anywhere",
    { arn, username: "dev", cluster: null },
    {
      cluster: "no cluster is named",
    },
  ],
  [
    "a manifest that is not a ConfigMap",
    { arn, username: "dev", cluster: { manifest: "package.json" } },
    {
      cluster: 'manifest "package.json"',
    },
  ],
  [
    "a mapRoles that does not parse",
    { arn, username: "dev", cluster: { manifest: "broken.yaml" } },
    { cluster: "mapRoles in kube-system/aws-auth" },
  ],
];

/** The files that they name. */
export const badInputFiles: Readonly<Record<string, string>> = {
  "aws-auth.yaml": manifestOf(seasonedData),
  "broken.yaml": manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }),
  "package.json": '{ "name": "test", "main": "index.js" }\n',
};
