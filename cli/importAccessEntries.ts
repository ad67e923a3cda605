import {
  type AccessEntryContent,
  type AccessPolicy,
  isServiceLinkedRole,
  type LiveAccessEntry,
  policyName,
} from "../provider/accessEntries";
import { ownersIn } from "../provider/claims";
import { describeOwners, placeOf } from "../provider/authenticator";
import { assertReadable, dataKeys } from "../provider/document";
import { AwsAuthError } from "../provider/errors";
import { parseIamArn, principalKey } from "../provider/mapping";
import { assertEks, type MigrationFacts, readFacts } from "../provider/migration/facts";
import { migrateCluster } from "../provider/migration/migrateCluster";
import type { MigrationEntry } from "../provider/migration/model";
import { resolveNamed } from "./cluster";
import { type ExitCode, exitCode } from "./commandLine";
import { comment, list, literal, nameResources, objectLiteral, unusedName } from "./importProgram";
import { clausesOf, subjectText } from "./migrate/report";
import type { ImportOptions } from "./options";
import type { Terminal } from "./terminal";

/**
 * `import --format access-entries`: writes the program of @pulumi/aws that has every access entry of a cluster, those that are there
 * and those that its aws-auth still has to become.
 *
 * @throws CommandFailure or AwsAuthError if the map or the access entries cannot be read.
 */
export async function runImportAccessEntries(options: ImportOptions, terminal: Terminal): Promise<ExitCode> {
  const { ref, settings } = await resolveNamed(options);
  assertEks(ref);
  const facts = await readFacts(ref, settings);
  const { document, unread } = facts.access;
  for (const key of dataKeys) {
    assertReadable(document, key);
  }
  if (unread !== undefined) {
    throw new AwsAuthError("accessDenied", unread);
  }
  terminal.out(renderAccessEntries(facts, ref.name));
  return exitCode.done;
}

/** A resource to print, or a comment in its place. */
type Item =
  | {
      readonly kind: "resource";
      readonly content: AccessEntryContent;
      /** The access entry that is there; undefined: a new one. */
      readonly live: LiveAccessEntry | undefined;
      readonly remarks: readonly string[];
    }
  | { readonly kind: "comment"; readonly text: string };

/** Writes the program. */
export function renderAccessEntries(facts: MigrationFacts, clusterName: string): string {
  const items = itemsOf(facts);
  const resources = items.filter((item) => item.kind === "resource");
  const names = nameResources(
    resources.map(({ content: { principalArn } }) => {
      return { kind: principalArn.includes(":user/") ? "user" : "role", arn: principalArn, groups: [] } as const;
    }),
  );
  const variables = variablesOf(names);
  const indexOf = new Map(resources.map((item, index) => [item, index]));
  const blocks = items.map((item) => {
    if (item.kind === "comment") {
      return comment("//", item.text);
    }
    const lines = [...item.remarks, ...(item.live === undefined ? [] : claimRemarks(item.live))];
    const [name = "", variable = ""] = [names, variables].map((all) => all[indexOf.get(item) ?? 0]);
    return [...lines.map((line) => comment("//", line)), ...declarations(name, variable, item, clusterName)].join("\n");
  });
  const opening = [...openingOf(facts).map((line) => comment("//", line)), 'import * as aws from "@pulumi/aws";'];
  const declaration = `const clusterName = ${literal(clusterName)};`;
  return `${[opening.join("\n"), ...(resources.length > 0 ? [declaration] : []), ...blocks].join("\n\n")}\n`;
}

function openingOf({ label, cluster, eksRoles }: MigrationFacts): string[] {
  return [
    `Every access entry of ${label}, and those that kube-system/aws-auth becomes, as "pulumi-aws-auth import" found them.`,
    'What is there is imported as it is: "pulumi up" changes nothing of it, and makes what is not there.',
    `It takes an AWS provider of account ${cluster.account}, in the cluster's region.`,
    ...(cluster.authenticationMode === "CONFIG_MAP"
      ? ["The cluster is in mode CONFIG_MAP, in which EKS refuses access entries: go to API_AND_CONFIG_MAP first."]
      : []),
    ...("unread" in eksRoles
      ? [`Some may be those that EKS makes and keeps itself, which cannot be told: ${eksRoles.unread}`]
      : []),
    'Take mappings of pulumi-aws-auth out of their stacks with "pulumi state delete": a delete takes the access with it.',
  ];
}

function itemsOf(facts: MigrationFacts): readonly Item[] {
  const byPrincipal = new Map(facts.access.byPrincipal);
  const roles = "value" in facts.eksRoles ? facts.eksRoles.value : [];
  const ofEks = new Set(roles.map(({ roleArn }) => principalKey(roleArn)));
  const isLeftToAws = ({ principalArn }: LiveAccessEntry) => {
    const arn = parseIamArn(principalArn);
    return (arn.kind !== "invalid" && isServiceLinkedRole(arn)) || ofEks.has(principalKey(principalArn));
  };
  const imported = (live: LiveAccessEntry, remarks: readonly string[]): Item => {
    return { kind: "resource", content: live, live, remarks };
  };
  const mapped = migrateCluster(facts).entries.flatMap((entry): Item[] => {
    const key = principalKey(entry.arn ?? "");
    const { accessEntry } = entry;
    const isMoving = entry.moves === "move" && accessEntry !== undefined;
    if (entry.state === "notNeeded" && !isMoving) {
      return [{ kind: "comment", text: stayText(entry) }];
    }
    const living = (byPrincipal.get(key) ?? []).filter((live) => isMoving || !isLeftToAws(live));
    byPrincipal.delete(key);
    const remark = isMoving ? `${placeOf(entry)}: ${[entry.says, ...entry.notes].join("; ")}.` : stayText(entry);
    if (living.length > 0) {
      return living.map((live) => imported(live, [remark]));
    }
    return isMoving
      ? [{ kind: "resource", content: accessEntry, live: undefined, remarks: [remark] }]
      : [{ kind: "comment", text: remark }];
  });
  const others = [...byPrincipal.values()].flat().map((live): Item => {
    const { principalArn, type } = live;
    return isLeftToAws(live)
      ? { kind: "comment", text: `Left to AWS, which has made it: the access entry of ${principalArn} (${type}).` }
      : imported(live, []);
  });
  return [...mapped, ...others];
}

/** An entry of the map that becomes no access entry, and why. */
function stayText(entry: MigrationEntry): string {
  return `Not moved: ${placeOf(entry)}, ${JSON.stringify(subjectText(entry))}: ${clausesOf(entry).join("; ")}.`;
}

function claimRemarks({ tags }: LiveAccessEntry): string[] {
  const owners = ownersIn({ tags });
  return owners.length === 0 ? [] : [`Claimed by ${describeOwners(owners)}: take the tag away once that one is gone.`];
}

function declarations(
  name: string,
  variable: string,
  { content, live }: Item & { readonly kind: "resource" },
  cluster: string,
): string[] {
  const { principalArn, type, username, groups, policies } = content;
  const isStandard = type === "STANDARD";
  const tags = Object.entries(live?.tags ?? {}).filter(([key]) => !/^aws:/i.test(key));
  const fields = [
    "clusterName",
    `principalArn: ${literal(principalArn)}`,
    ...(isStandard ? [] : [`type: ${literal(type)}`]),
    ...(isStandard && username !== undefined ? [`userName: ${literal(username)}`] : []),
    ...(isStandard && groups.length > 0 ? [`kubernetesGroups: ${list(groups)}`] : []),
    ...(tags.length === 0
      ? []
      : [`tags: {\n${tags.map(([key, value]) => `    ${literal(key)}: ${literal(value)},\n`).join("")}  }`]),
  ];
  const id = live && `${cluster}:${principalArn}`;
  const declared = policies.length === 0 ? "" : `const ${variable} = `;
  return [
    declared + resource("AccessEntry", name, fields, id),
    ...policies.map(({ policyArn, scope }) => {
      const ownName = `${name}-${policyName(policyArn)}`;
      const association = [
        "clusterName",
        `principalArn: ${variable}.principalArn`,
        `policyArn: ${literal(policyArn)}`,
        `accessScope: ${scopeOf(scope)}`,
      ];
      const associationId = live && `${cluster}#${principalArn}#${policyArn}`;
      return resource("AccessPolicyAssociation", ownName, association, associationId);
    }),
  ];
}

function scopeOf(scope: AccessPolicy["scope"]): string {
  return scope.type === "cluster"
    ? '{ type: "cluster" }'
    : `{ type: "namespace", namespaces: [${scope.namespaces.map(literal).join(", ")}] }`;
}

/** A resource as a formatter writes it: with its import, one argument a line. */
function resource(type: string, name: string, fields: readonly string[], id: string | undefined): string {
  const args = objectLiteral(fields);
  if (id === undefined) {
    return `new aws.eks.${type}(${literal(name)}, ${args});`;
  }
  const lines = [literal(name), args.replaceAll("\n", "\n  "), `{ import: ${literal(id)} }`];
  return `new aws.eks.${type}(\n${lines.map((line) => `  ${line},\n`).join("")});`;
}

/** The names of roles and users have letters, digits and a few signs, which no variable has. */
function variablesOf(names: readonly string[]): string[] {
  const used = new Map<string, number>();
  return names.map((name) => {
    const words = name.split(/[^A-Za-z0-9]+/).filter((word) => word !== "");
    const joined = words.map((word, index) => (index === 0 ? word : word.slice(0, 1).toUpperCase() + word.slice(1)));
    return unusedName(`${joined.join("").replace(/^(?=\d|$)/, "_")}Entry`, used, "");
  });
}
