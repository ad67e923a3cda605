import type { MapData } from "./maps.ts";
import type { Subject } from "./simulatedProgram.ts";

/** An ARN as AWS reports whoever has it: a session of a role, without the role's path; a user as it is. */
function reportedArn(arn: string): string {
  return arn.replace(/^arn:([\w-]+):iam::(\d+):role\/(?:.*\/)?([^/]+)$/, "arn:$1:sts::$2:assumed-role/$3/session");
}

/** Somebody for whom a mapping is, as AWS reports him; of an account somebody whom no other entry names. */
export function reportedBy({ arn, account }: Subject): string {
  return reportedArn(arn ?? `arn:aws:iam::${account}:role/nobody-in-particular`);
}

/** Everybody whom a map names, and somebody of each account, as AWS reports them. */
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
