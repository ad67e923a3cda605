import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type { Settings } from "../cluster/settings";
import { AwsAuthError } from "../errors";
import { receive, struct } from "../pulumi/properties";
import { hasUnknown } from "../pulumi/values";
import { findMappings } from "../reports/findMappings";
import { quoted } from "../text/text";
import { failures, messages } from "./protocol";
import schema from "./schema.json";

const functionName = "aws-auth:index:getIdentityMappings";
const argumentNames: readonly string[] = ["cluster", "arn"];

/** The schema, with the version of the package, and with the settings of the provider as stack configuration. */
export function packageSchema(version: string) {
  return { ...schema, version, config: { variables: schema.provider.inputProperties } };
}

export async function invoke(request: provider.InvokeRequest, settings: Settings): Promise<provider.InvokeResponse> {
  if (request.getTok() !== functionName) {
    throw new AwsAuthError(
      "invalidInput",
      `unknown function ${quoted(request.getTok())}; the only function is ${functionName}`,
    );
  }
  const { values, secrets } = receive(request.getArgs());
  const { cluster, arn } = values;
  const problems = Object.keys(values).flatMap((property) => {
    const reason = argumentProblem(property, values[property]);
    return reason === undefined ? [] : [{ property, reason }];
  });
  const response = new (messages().InvokeResponse)().setFailuresList(failures(problems, secrets));
  if (problems.length > 0) {
    return response;
  }
  const mappings = await findMappings(cluster, typeof arn === "string" ? arn : undefined, settings);
  // Mark the whole result as secret, since it repeats the arguments.
  return response.setReturn(struct({ mappings }, secrets.length > 0 ? ["mappings"] : []));
}

function argumentProblem(name: string, value: unknown): string | undefined {
  if (!argumentNames.includes(name)) {
    return `${quoted(name)} is not an argument; valid arguments: ${argumentNames.join(", ")}`;
  }
  if (hasUnknown(value)) {
    return `${name} is not known yet`;
  }
  return name === "arn" && value !== null && typeof value !== "string"
    ? `arn ${quoted(value)} must be a string`
    : undefined;
}
