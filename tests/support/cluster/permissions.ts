import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseAllDocuments } from "yaml";
import { repository } from "../engine/testProject.ts";

/** A rule of a Role. */
export interface Rule {
  readonly apiGroups: readonly string[];
  readonly resources: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs: readonly string[];
}

/** A Role or RoleBinding that docs/permissions.md prints. */
export interface DocumentedObject {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
  readonly rules?: readonly Rule[];
}

/** What docs/permissions.md tells users to apply, so that it is what the tests run under. */
export function documentedObjects(): readonly DocumentedObject[] {
  const page = readFileSync(join(repository, "docs", "permissions.md"), "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].map(([, text = ""]) => text);
  return blocks.flatMap((text) => parseAllDocuments(text).map((document): DocumentedObject => document.toJS()));
}

/** The rules of one of the Roles there. */
export function documentedRules(role: string): readonly Rule[] {
  const found = documentedObjects().find(({ kind, metadata }) => kind === "Role" && metadata.name === role);
  if (found?.rules === undefined || found.metadata.namespace !== "kube-system") {
    throw new Error(`docs/permissions.md has no Role ${role} in kube-system`);
  }
  return found.rules;
}
