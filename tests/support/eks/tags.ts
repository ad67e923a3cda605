import { change } from "./accessEntries.ts";
import { type AwsError, eksError } from "./awsError.ts";
import type { Origin } from "./clusters.ts";
import type { EksRequest } from "./routes.ts";
import { checkTags } from "./rules.ts";
import { type AccessEntry, type AwsState, type Cluster, latestEntries } from "./state.ts";

/** TagResource, UntagResource and ListTagsForResource of access entries. Their exceptions are those of the model, the texts [inferred]. */
export function answerTagCall(state: AwsState, origin: Origin, request: EksRequest): object | undefined {
  const arn = request.path["resourceArn"] ?? "";
  switch (request.operation) {
    case "TagResource": {
      const { cluster, entry } = tagged(state, origin, arn);
      const tags = { ...entry.tags, ...request.body.tags };
      checkTags(tags, badRequest);
      change(state, cluster, entry, { tags });
      return {};
    }
    case "UntagResource": {
      const { cluster, entry } = tagged(state, origin, arn);
      const keys = request.query.getAll("tagKeys");
      if (keys.length === 0) {
        throw badRequest("tagKeys is required");
      }
      const left = Object.entries(entry.tags).filter(([key]) => !keys.includes(key));
      change(state, cluster, entry, { tags: Object.fromEntries(left) });
      return {};
    }
    case "ListTagsForResource":
      return { tags: tagged(state, origin, arn).entry.tags };
    default:
      return undefined;
  }
}

function tagged(
  { clusters }: AwsState,
  { account, region }: Origin,
  arn: string,
): { readonly cluster: Cluster; readonly entry: AccessEntry } {
  if (!/^arn:[^:]+:eks:[^:]+:\d{12}:/.test(arn)) {
    throw badRequest(`Invalid resource ARN: ${arn}`);
  }
  for (const cluster of clusters.filter((candidate) => candidate.account === account && candidate.region === region)) {
    const entry = latestEntries(cluster).find(({ accessEntryArn }) => accessEntryArn === arn);
    if (entry !== undefined) {
      return { cluster, entry };
    }
  }
  throw eksError("NotFoundException", `No resource found for ARN: ${arn}`);
}

function badRequest(message: string): AwsError {
  return eksError("BadRequestException", message);
}
