import { parseArgs } from "node:util";
import { parseClusterInput } from "../clusterInput";
import { harmlessVariables } from "./execPlugin";
import type { ExecPlugin, KubeTarget } from "./kubeconfig";

interface TokenCommand {
  readonly words: string;
  readonly options: Record<string, { type: "string"; short?: string }>;
}

const text = { type: "string" } as const;

const aws: TokenCommand = {
  words: "eks get-token",
  // `aws eks update-kubeconfig` writes --role, since the AWS CLI accepts prefixes.
  options: { "cluster-name": text, region: text, profile: text, "role-arn": text, role: text, output: text },
};

const authenticator: TokenCommand = {
  words: "token",
  options: { "cluster-id": { ...text, short: "i" }, role: { ...text, short: "r" } },
};

const commands = new Map([
  ["aws", aws],
  ["aws-iam-authenticator", authenticator],
  ["heptio-authenticator-aws", authenticator],
]);

/**
 * The EKS cluster for which a credential plugin gets tokens, with the AWS settings of the plugin.
 *
 * @param host the host of the API server, which contains the region of an endpoint of EKS.
 * @returns undefined for any other plugin, and if an argument or a variable of AWS is not understood, since it may select other credentials.
 */
export function eksClusterOf({ command, args, env }: Pick<ExecPlugin, "command" | "args" | "env">, host: string) {
  const program = commands.get((command.split(/[/\\]/).at(-1) ?? "").replace(/\.exe$/i, ""));
  const isUnderstood = Object.keys(env).every((name) => !name.startsWith("AWS_") || harmlessVariables.includes(name));
  if (program === undefined || !isUnderstood) {
    return undefined;
  }
  try {
    const { values, positionals } = parseArgs({ args: [...args], options: program.options, allowPositionals: true });
    const cluster = parseClusterInput({
      name: program === aws ? values["cluster-name"] : values["cluster-id"],
      region: values["region"] ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || eksRegionOf(host)),
      profile: values["profile"] ?? (env["AWS_PROFILE"] || undefined),
      roleArn: values["role-arn"] ?? values["role"],
    });
    return positionals.join(" ") === program.words && cluster.kind === "eks" ? cluster : undefined;
  } catch {
    return undefined;
  }
}

/** The endpoints of EKS clusters in all partitions: for IPv4, and for both protocols. */
const eksHost = new RegExp(
  `\\.([a-z]{2,}(?:-[a-z]+)+-\\d+)\\.(?:${[
    "eks\\.(?:amazonaws\\.(?:com(?:\\.cn)?|eu)|c2s\\.ic\\.gov|sc2s\\.sgov\\.gov|cloud\\.adc-e\\.uk|csp\\.hci\\.ic\\.gov)",
    "(?:eks\\.)?api\\.(?:aws(?:\\.ic\\.gov|\\.scloud|\\.hci\\.ic\\.gov)?|amazonwebservices\\.(?:com\\.cn|eu)|cloud-aws\\.adc-e\\.uk)",
  ].join("|")})$`,
);

/** The region in the host name of an EKS cluster's endpoint; undefined for any other host. */
export function eksRegionOf(host: string): string | undefined {
  return eksHost.exec(host.toLowerCase())?.[1];
}

/** Whether a kubeconfig shows that its server is one of EKS: by the host, or by a token for a local cluster on an Outpost, which has an ID. */
export function isEksServer({ cluster, user }: Pick<KubeTarget, "cluster" | "user">): boolean {
  const hosts = [new URL(cluster.server).hostname, cluster.tlsServerName ?? ""];
  const args = user?.exec?.args ?? [];
  const isLocal = args.includes("get-token") && args.some((arg) => /^--cluster-id(?:=|$)/.test(arg));
  return isLocal || hosts.some((host) => eksRegionOf(host) !== undefined);
}
