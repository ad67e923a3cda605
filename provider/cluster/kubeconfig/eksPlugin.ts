import { asAwsAuthError } from "../../errors";
import { parseClusterInput } from "../clusterInput";
import { harmlessVariables } from "./execPlugin";
import type { ExecPlugin } from "./kubeconfig";

type Field = "name" | "region" | "profile" | "roleArn" | "output";

interface TokenCommand {
  readonly words: string;
  readonly options: Readonly<Record<string, Field>>;
}

const aws: TokenCommand = {
  words: "eks get-token",
  options: {
    "--cluster-name": "name",
    "--region": "region",
    "--profile": "profile",
    "--role-arn": "roleArn",
    // What `aws eks update-kubeconfig` writes, since the AWS CLI accepts prefixes.
    "--role": "roleArn",
    "--output": "output",
  },
};

const authenticator: TokenCommand = {
  words: "token",
  options: { "-i": "name", "--cluster-id": "name", "-r": "roleArn", "--role": "roleArn" },
};

const commands: ReadonlyMap<string, TokenCommand> = new Map([
  ["aws", aws],
  ["aws-iam-authenticator", authenticator],
  ["heptio-authenticator-aws", authenticator],
]);

/**
 * The EKS cluster for which a credential plugin gets tokens, with the AWS settings of the plugin.
 *
 * @param host the host of the API server, which names the region of an endpoint of EKS.
 * @returns undefined for any other plugin, and if an argument or a variable of AWS is not understood, since it may select other credentials.
 */
export function eksClusterOf({ command, args, env }: Pick<ExecPlugin, "command" | "args" | "env">, host: string) {
  const program = commands.get((command.split(/[/\\]/).at(-1) ?? "").replace(/\.exe$/i, ""));
  const isUnderstood = Object.keys(env).every((name) => !name.startsWith("AWS_") || harmlessVariables.includes(name));
  const given = program === undefined || !isUnderstood ? undefined : parseArgs(args, program);
  if (given?.name === undefined) {
    return undefined;
  }
  const { name, roleArn } = given;
  const region = given.region ?? (env["AWS_REGION"] || env["AWS_DEFAULT_REGION"] || eksRegionOf(host));
  const profile = given.profile ?? (env["AWS_PROFILE"] || undefined);
  try {
    const cluster = parseClusterInput({ name, region, profile, roleArn });
    return cluster.kind === "eks" ? cluster : undefined;
  } catch (error) {
    asAwsAuthError(error);
    return undefined;
  }
}

function parseArgs(args: readonly string[], { words, options }: TokenCommand) {
  const found: { [name in Field]?: string } = {};
  const others: string[] = [];
  for (let index = 0; index < args.length; index++) {
    const arg = args[index] ?? "";
    const [, option = "", inline] = /^(-[^=]*)(?:=(.*))?$/s.exec(arg) ?? [];
    const field = options[option];
    if (field !== undefined) {
      const value = inline ?? args[++index];
      if (!value || found[field] !== undefined) {
        return undefined;
      }
      found[field] = value;
    } else {
      others.push(arg);
    }
  }
  return others.join(" ") === words ? found : undefined;
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
