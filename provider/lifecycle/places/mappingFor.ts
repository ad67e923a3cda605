import type { Mapping } from "../../mapping";
import type { Content, Subject } from "../types";

/** The mapping of a subject with a content, for the modules that write mappings. */
export function mappingFor({ kind, arn }: Subject, { username, groups }: Content): Mapping {
  return kind === "account" ? { kind, account: arn } : { kind, arn, ...(username && { username }), groups };
}
