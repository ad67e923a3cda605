import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type { ExplainedEntry, Explanation } from "../authenticator";
import type { Settings } from "../cluster";
import { receive, struct } from "../engine/properties";
import { rememberSecrets, secretsProperty, withoutSecrets } from "../engine/secretValues";
import { hasUnknown } from "../engine/unknownValue";
import { AwsAuthError } from "../errors";
import type { Properties } from "../lifecycle/state";
import { layOut } from "../text/layout";
import { printable, quoted } from "../text/text";
import { nameProblems } from "./arguments";
import { failures, messages } from "./messages";

const functions: Readonly<Record<string, (args: Properties, settings: Settings) => Promise<Properties>>> = {
  "aws-auth:index:getIdentityMappings": getIdentityMappings,
  "aws-auth:index:explain": explain,
};

/** Calls a function of the package. */
export async function invoke(request: provider.InvokeRequest, settings: Settings): Promise<provider.InvokeResponse> {
  const token = request.getTok();
  const call = Object.hasOwn(functions, token) ? functions[token] : undefined;
  if (call === undefined) {
    const names = Object.keys(functions);
    const problem = `there is no function ${quoted(token)}; the functions are ${names.join(", ")}`;
    throw new AwsAuthError("invalidInput", problem);
  }
  const { values, secrets } = receive(request.getArgs());
  rememberSecrets({ ...values, [secretsProperty]: secrets });
  const problems = problemsOf(token, values);
  const response = new (messages().InvokeResponse)().setFailuresList(failures(problems, secrets));
  if (problems.length > 0) {
    return response;
  }
  const results = await call(values, settings);
  // What is known of a secret argument repeats it.
  return response.setReturn(struct(results, secrets.length > 0 ? Object.keys(results) : []));
}

function problemsOf(token: string, args: Properties) {
  const mistyped =
    args["arn"] !== undefined && args["arn"] !== null && typeof args["arn"] !== "string"
      ? [{ property: "arn", reason: `arn ${quoted(args["arn"])} must be a string` }]
      : [];
  const notKnown = Object.keys(args)
    .filter((name) => hasUnknown(args[name]))
    .map((property) => ({ property, reason: `${property} is not known yet` }));
  return [...nameProblems(args, token), ...mistyped, ...notKnown].map(({ property, reason }) => ({
    property,
    reason: layOut(printable(withoutSecrets(reason))),
  }));
}

async function getIdentityMappings({ cluster, arn }: Properties, settings: Settings): Promise<Properties> {
  const { findMappings } = await import("../cluster/findMappings.js");
  return { mappings: await findMappings(cluster, typeof arn === "string" ? arn : undefined, settings) };
}

async function explain({ cluster, arn }: Properties, settings: Settings): Promise<Properties> {
  const [{ explainIdentity }, { openMap, resolveClusterRef }] = await Promise.all([
    import("../authenticator/index.js"),
    import("../cluster/index.js"),
  ]);
  const map = await openMap(await resolveClusterRef(cluster, settings), settings);
  const { document } = await map.read();
  const explanation = explainIdentity(document, String(arn));
  const { user, givenBy } = explanation;
  return {
    arn: explanation.arn,
    canonicalArn: explanation.identity.arn,
    isMapped: user !== undefined,
    ...(user !== undefined && { username: user.username, groups: user.groups }),
    ...(givenBy !== undefined && { givenBy: place(givenBy), owners: givenBy.owners }),
    remarks: remarksOn(explanation).map(printable),
  };
}

function remarksOn({ alternatives, shadowed, nearMisses, droppedKeys, notes }: Explanation): string[] {
  return [
    ...alternatives.map((entry) => `${place(entry)} may count instead, picked at random at each login`),
    ...shadowed.map((entry) => `${place(entry)} is shadowed, so without effect`),
    ...nearMisses.map(({ placed, reason }) => `${place(placed)} looks right, but is not for this identity: ${reason}`),
    ...droppedKeys.map(
      ({ key, reason }) => `${key} does not parse, so the authenticator drops all of its entries: ${reason}`,
    ),
    ...notes,
  ];
}

/** For example `mapRoles[2]`, from 1 as in messages. */
function place({ key, position }: ExplainedEntry): string {
  return `${key} entry ${position}`;
}
