import { manifestOf, seasonedData } from "./manifest.ts";

/** The arguments of one resource in a user's program, and for each problem its property and a distinctive part of the message. */
export type BadInput = readonly [title: string, args: object, problems: Readonly<Record<string, string>>];

const arn = "arn:aws:iam::111122223333:role/dev";
const onManifest = (manifest: string) => ({ arn, username: "dev", cluster: { manifest } });

/** Inputs that `check` refuses; `cluster: null` is none. */
export const badInputs: readonly BadInput[] = [
  ["no ARN and no account", { username: "dev" }, { arn: "neither arn nor account" }],
  ["both an ARN and an account", { arn, account: "111122223333" }, { account: 'account "111122223333"' }],
  [
    "a group's ARN",
    { arn: "arn:aws:iam::111122223333:group/dev", username: "dev" },
    { arn: "is not the ARN of an IAM role or user; use arn:aws:iam::ACCOUNT:role/NAME" },
  ],
  ["an invalid ARN", { arn: "nonsense", username: "dev" }, { arn: 'arn "nonsense"' }],
  [
    "an assumed role",
    { arn: "arn:aws:sts::111122223333:assumed-role/dev/session", username: "dev" },
    { arn: `"${arn}"` },
  ],
  ["neither username nor groups", { arn }, { username: "neither username nor groups" }],
  ["an account of 11 digits", { account: "11112222333" }, { account: 'account "11112222333"' }],
  ["an account given as a number", { account: 111122223333 }, { account: "account 111122223333 must be a string" }],
  ["an unknown template", { arn, username: "{{Sessionname}}" }, { username: "use one of {{EC2PrivateDNSName}}" }],
  [
    "roleArn instead of arn",
    { roleArn: arn, username: "dev" },
    { roleArn: "is not an input of an IdentityMapping", arn: "neither arn nor account is set" },
  ],
  ["a group without a value", { arn, groups: ["dev", null] }, { groups: "groups[1] is empty" }],
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: unexpanded shell variables
  [
    "placeholders",
    {
      arn: "arn:aws:iam::<ACCOUNT_ID>:role/dev",
      username: "${USER}",
      groups: ["{{ .Values.team }}"],
      cluster: { name: "<CLUSTER>", region: "eu-central-1" },
    },
    {
      arn: "has the placeholder <ACCOUNT_ID>; expand it first",
      username: "has the placeholder ${USER}; expand it first",
      groups: "has the placeholder {{ .Values.team }}; expand it first",
      cluster: 'cluster name "<CLUSTER>" must be the name of an EKS cluster',
    },
  ],
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: unexpanded shell variables
  ["an empty group", { arn, groups: ["dev", ""] }, { groups: 'group ""' }],
  [
    "several errors, including misspelt names",
    { arn: "nonsense", username: "{{Who}}", groups: "dev", noDuplicateArns: true, adopt: "yes" },
    {
      noDuplicateArns: '"noDuplicateArns" is not an input of an IdentityMapping; valid inputs: ',
      arn: 'arn "nonsense"',
      username: 'username "{{Who}}"',
      groups: 'groups "dev"',
      adopt: 'adopt "yes" must be true or false, without quotes',
    },
  ],
  [
    "inputs of access entries",
    { arn, groups: ["dev"], accessPolicies: ["AmazonEKSViewPolicy"], principalArn: arn },
    { accessPolicies: '"accessPolicies" is not an input', principalArn: '"principalArn" is not an input' },
  ],
  [
    "noDuplicateARNs: false",
    { arn, username: "dev", noDuplicateARNs: false },
    { noDuplicateARNs: "noDuplicateARNs: false is not supported, because only the last entry for an ARN takes effect" },
  ],
  [
    "a misspelt cluster field",
    { arn, username: "dev", cluster: { manifst: "aws-auth.yaml" } },
    // No property is named if the engine would print its value, which may contain a kubeconfig.
    { "": 'cluster has an unknown key "manifst"; valid keys: name' },
  ],
  // Nor if the program omits it, which the engine would print as {<nil>}.
  ["no cluster", { arn, username: "dev", cluster: null }, { "": "no cluster is configured" }],
  ["a manifest that is not a ConfigMap", onManifest("package.json"), { cluster: 'manifest "package.json"' }],
  [
    "an invalid mapRoles",
    onManifest("broken.yaml"),
    { cluster: 'mapRoles in manifest "broken.yaml" cannot be read; line 9, column 8: ' },
  ],
];

/** The files that the inputs name. */
export const badInputFiles: Readonly<Record<string, string>> = {
  "aws-auth.yaml": manifestOf(seasonedData),
  "broken.yaml": manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }),
  "package.json": '{ "name": "test", "main": "index.js" }\n',
};
