import type { MapData } from "./maps.ts";
import type { Subject } from "./simulatedProgram.ts";

/** An ARN as AWS reports the caller: a session of a role, without the role's path; a user's ARN unchanged. */
function reportedArn(arn: string): string {
  return arn.replace(/^arn:([\w-]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, "arn:$1:sts::$2:assumed-role/$3/session");
}

/** An identity that a mapping is for, as AWS reports it; for an account, one that no other entry names. */
export function reportedBy({ arn, account }: Subject): string {
  return reportedArn(arn ?? `arn:aws:iam::${account}:role/nobody-in-particular`);
}

/** All identities that a map names, and one of each account, as AWS reports them. */
export function identitiesIn(data: MapData): string[] {
  const text = Object.values(data).join("\n");
  const arns = text.match(/arn:aws(?:-cn)?:iam::\d+:(?:role|user)\/[\w+=.@/-]*[\w+=.@-]/g) ?? [];
  const accounts = text.match(/\b\d{12}\b/g) ?? [];
  return [...new Set([...arns.map(reportedArn), ...accounts.map((account) => reportedBy({ account }))])];
}

/** Recognises the entries of a principal in a string, in any letter case, and of a role with any path. */
export function naming({ arn, account }: Subject): RegExp {
  if (arn === undefined) {
    return new RegExp(`\\b${account}\\b`);
  }
  const [, , , , owner, resource = ""] = arn.split(":");
  const [kind, ...path] = resource.split("/");
  const name = kind === "role" ? `(?:[^\\s"']*/)?${literally(path.at(-1) ?? "")}` : literally(path.join("/"));
  return new RegExp(`:${owner}:${kind}/${name}(?![\\w+=.@/-])`, "i");
}

function literally(text: string): string {
  return text.replace(/[.+*?^$(){}|[\]\\]/g, "\\$&");
}
