import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import type { Settings } from "../cluster";
import { receive, struct } from "../engine/properties";
import { rememberSecrets, secretsProperty, withoutSecrets } from "../engine/secretValues";
import { hasUnknown } from "../engine/unknownValue";
import { AwsAuthError } from "../errors";
import type { Properties } from "../lifecycle/state";
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
    reason: printable(withoutSecrets(reason)),
  }));
}

async function getIdentityMappings({ cluster, arn }: Properties, settings: Settings): Promise<Properties> {
  const { findMappings } = await import("../cluster/findMappings.js");
  return { mappings: await findMappings(cluster, typeof arn === "string" ? arn : undefined, settings) };
}

async function explain({ cluster, arn }: Properties, settings: Settings): Promise<Properties> {
  const [{ explainAccess }, { callerIn }, { resolveClusterRef }, { openAccess, readAccess }] = await Promise.all([
    import("../access/explainAccess.js"),
    import("../authenticator/index.js"),
    import("../cluster/index.js"),
    import("../session/liveAccess.js"),
  ]);
  const identity = callerIn(String(arn));
  const open = await openAccess(await resolveClusterRef(cluster, settings), settings);
  const { access, notes } = await readAccess(open, (entries) => entries.find(identity.arn));
  const { answer, logins } = explainAccess(access, String(arn));
  if (answer === "unknown") {
    throw new AwsAuthError("accessDenied", `whether ${quoted(arn)} gets in is not known: ${access.unread}`);
  }
  const user = logins[0]?.user;
  return {
    arn,
    canonicalArn: identity.arn,
    isMapped: user !== undefined,
    ...(user !== undefined && { username: String(user.username), groups: user.groups.map(String) }),
    remarks: notes.map(printable),
  };
}
