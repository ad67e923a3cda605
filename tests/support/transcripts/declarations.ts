/** Commands as users type them. */
export const preview = "preview --diff";
export const up = "up --yes --skip-preview";
export const refresh = "refresh --yes --skip-preview --parallel 1";
export const destroy = "destroy --yes --skip-preview";

/** The ARN of a role. */
export function role(name: string): string {
  return `arn:aws:iam::111122223333:role/${name}`;
}

/** An entry as eksctl writes it. */
export function entry(name: string, username: string, ...groups: readonly string[]): string {
  return `- groups:\n${groups.map((group) => `  - ${group}\n`).join("")}  rolearn: ${role(name)}\n  username: ${username}\n`;
}

/** The node entry. */
export const nodes = entry("nodes", "system:node:{{EC2PrivateDNSName}}", "system:bootstrappers", "system:nodes");

/**
 * A declaration of a mapping as users write it.
 *
 * @param after the variable of a declaration on which it depends, for a fixed order of the output
 */
export function mapping(name: string, args: string, after?: string): string {
  const options = after === undefined ? "" : `, { dependsOn: ${after} }`;
  return `const ${name} = new IdentityMapping("${name}", {\n${args.replace(/^/gm, "  ")}\n}${options});\n`;
}

/** A declaration of a role whose username is its name. */
export function roleMapping(name: string, groups: readonly string[], after?: string, more = ""): string {
  const args = `arn: "${role(name)}",\nusername: "${name}",\ngroups: ${JSON.stringify(groups).replaceAll(",", ", ")},`;
  return mapping(name, args + more, after);
}
