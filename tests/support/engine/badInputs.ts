import { manifestOf, seasonedData } from "./manifest.ts";

/** The arguments of one resource as a user would write them (`cluster: null`: none), and the property and text of every fault. */
export type BadInput = readonly [title: string, args: object, faults: Readonly<Record<string, string>>];

const arn = "arn:aws:iam::111122223333:role/dev";
const templates = "{{EC2PrivateDNSName}}, {{AccountID}}, {{SessionName}}, {{SessionNameRaw}}, {{AccessKeyID}}";

/** What `check` refuses. */
export const badInputs: readonly BadInput[] = [
  [
    "no ARN and no account",
    { username: "dev" },
    { arn: "neither arn nor account is set; give the ARN of an IAM role or user, or an account" },
  ],
  [
    "an ARN and an account",
    { arn, account: "111122223333" },
    { account: 'account "111122223333" cannot be combined with arn; give either' },
  ],
  [
    "a group's ARN",
    { arn: "arn:aws:iam::111122223333:group/dev", username: "dev" },
    {
      arn: 'arn "arn:aws:iam::111122223333:group/dev" is an IAM group, which never signs in itself; map a role that the group may assume, or each of its users',
    },
  ],
  [
    "nonsense for an ARN",
    { arn: "nonsense", username: "dev" },
    { arn: 'arn "nonsense" is not an ARN; give arn:aws:iam::ACCOUNT:role/NAME or arn:aws:iam::ACCOUNT:user/NAME' },
  ],
  [
    "an assumed role",
    { arn: "arn:aws:sts::111122223333:assumed-role/dev/session", username: "dev" },
    {
      arn: 'arn "arn:aws:sts::111122223333:assumed-role/dev/session" is a session of a role, which aws-auth never matches; use the role\'s ARN "arn:aws:iam::111122223333:role/dev"',
    },
  ],
  [
    "neither username nor groups",
    { arn },
    {
      username:
        'neither username nor groups are set for arn "arn:aws:iam::111122223333:role/dev"; set username, groups or both',
    },
  ],
  [
    "an account of 11 digits",
    { account: "11112222333" },
    {
      account: 'account "11112222333" is not an AWS account ID; give a string of 12 digits, without blanks or dashes',
    },
  ],
  [
    "an account given as a number",
    { account: 111122223333 },
    {
      account:
        "account 111122223333 is a number, which loses leading zeros; write it in quotes, as a string of 12 digits",
    },
  ],
  [
    "an unknown template",
    { arn, username: "{{Sessionname}}" },
    {
      username: `username "{{Sessionname}}" has {{Sessionname}}, which the authenticator does not fill in; did you mean {{SessionName}}? It knows ${templates}`,
    },
  ],
  ["an empty group", { arn, groups: ["dev", ""] }, { groups: 'group "" is empty; remove it' }],
  [
    "several faults at once, misspelt names among them",
    { arn: "nonsense", username: "{{Who}}", groups: "dev", noDuplicateArns: true, adopt: "yes" },
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
    { arn, username: "dev", cluster: { manifst: "aws-auth.yaml" } },
    // No input is named where the engine would print a value that may hold a kubeconfig.
    { "": 'cluster has an unknown key "manifst"; did you mean "manifest"?' },
  ],
  [
    "no cluster named anywhere",
    { arn, username: "dev", cluster: null },
    {
      cluster:
        'no cluster is named: set cluster on the resource to the name of an EKS cluster, { name, region?, profile?, roleArn? }, { kubeconfig?, context? } or { manifest: "aws-auth.yaml" }, or name the stack\'s cluster with one of "pulumi config set aws-auth:cluster NAME" (EKS), aws-auth:kubeconfig, aws-auth:context or aws-auth:manifest',
    },
  ],
  [
    "a manifest that is not a ConfigMap",
    { arn, username: "dev", cluster: { manifest: "package.json" } },
    {
      cluster:
        'manifest "package.json" holds a document without a kind; it must hold a ConfigMap named aws-auth in namespace kube-system',
    },
  ],
  [
    "a mapRoles that does not parse",
    { arn, username: "dev", cluster: { manifest: "broken.yaml" } },
    { cluster: "mapRoles in kube-system/aws-auth cannot be read (line " },
  ],
];

/** The files that they name. */
export const badInputFiles: Readonly<Record<string, string>> = {
  "aws-auth.yaml": manifestOf(seasonedData),
  "broken.yaml": manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }),
  "package.json": '{ "name": "test", "main": "index.js" }\n',
};
