/** A manifest of an old cluster: comments, an `sso` entry, odd key case, flow style, terraform's quoting, a foreign key. */
export const seasonedMapRoles = `# Managed by hand since 2019; ask #platform before you touch it.
- groups:
  - system:bootstrappers
  - system:nodes
  rolearn: arn:aws:iam::111122223333:role/node-group-1
  username: system:node:{{EC2PrivateDNSName}}
# People of the data team come through Identity Center.
- sso:
    permissionSetName: DataEngineer
    accountID: "111122223333"
  username: data:{{SessionName}}
  groups: [data, viewers] # both needed
- RoleARN: arn:aws:iam::111122223333:role/ci
  Username: ci
  Groups: ["deployers"]
- "groups":
  - "system:masters"
  "rolearn": "arn:aws:iam::111122223333:role/terraform-admin"
  "username": "terraform-admin"
`;

/** The users of the same map. */
export const seasonedMapUsers = `- userarn: arn:aws:iam::111122223333:user/alice
  username: alice
  groups: # on call
    - oncall
    - viewers
`;

/** The accounts of the same map. */
export const seasonedMapAccounts = `- "111122223333"
`;

/** The data of that map, with a key that the provider does not manage. */
export const seasonedData = {
  mapRoles: seasonedMapRoles,
  mapUsers: seasonedMapUsers,
  mapAccounts: seasonedMapAccounts,
  notes: "kept by the platform team\n",
} as const;

/** A manifest with this data and these claims. */
export function manifestOf(data: Readonly<Record<string, string>>, claims: readonly string[] = []): string {
  const keys = Object.entries(data).map(([key, text]) => `  ${key}: |\n${text.replace(/^(?=.)/gm, "    ")}`);
  const record = claims.map((line) => `      ${line}\n`).join("");
  const annotations = record && `  annotations:\n    pulumi-aws-auth/claims: |-\n${record}`;
  return `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n${annotations}data:\n${keys.join("")}`;
}

/** A manifest without the claims in its metadata, and the number of these claims. */
export function splitClaims(manifest: string): { readonly text: string; readonly claims: number } {
  const [record = ""] = /^ {4}pulumi-aws-auth\/claims: \|-\n(?: {6}.*\n)+/m.exec(manifest) ?? [];
  // The annotations section ends with its last annotation.
  const text = manifest.replace(record, "").replace(/^ {2}annotations:\n(?! {4})/m, "");
  return { text, claims: record.match(/^ {6}/gm)?.length ?? 0 };
}
