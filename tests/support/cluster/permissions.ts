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

/** The rules of a Role as docs/permissions.md gives it, so that what users are told is what the tests run under. */
export function documentedRules(role: string): readonly Rule[] {
  const page = readFileSync(join(repository, "docs", "permissions.md"), "utf8");
  const blocks = [...page.matchAll(/^```yaml\n([\s\S]*?)^```$/gm)].flatMap(([, text = ""]) => parseAllDocuments(text));
  const objects: { kind?: string; metadata?: { name?: string; namespace?: string }; rules?: Rule[] }[] = blocks.map(
    (block) => block.toJS(),
  );
  const found = objects.find(({ kind, metadata }) => kind === "Role" && metadata?.name === role);
  if (found?.rules === undefined || found.metadata?.namespace !== "kube-system") {
    throw new Error(`docs/permissions.md has no Role ${role} in kube-system`);
  }
  return found.rules;
}
