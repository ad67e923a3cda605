import { placeOf } from "../../provider/authenticator";
import type { ClusterRef } from "../../provider/cluster";
import { printable } from "../../provider/text";
import { wrap } from "../terminal";
import { yamlText } from "../yamlText";
import type { ImportedEntry, ImportItem } from "./importPlan";
import { describeForeign } from "./programText";

const width = 120;

/** Writes an eksctl ClusterConfig with the entries, for `IdentityMappings` or for eksctl itself. */
export function renderClusterConfig(items: readonly ImportItem[], cluster: ClusterRef, label: string): string {
  const opening = [
    comment(`Every entry of kube-system/aws-auth in ${label}, as "pulumi-aws-auth import" found it.`),
    "apiVersion: eksctl.io/v1alpha5",
    "kind: ClusterConfig",
    "metadata:",
    ...metadata(cluster),
  ];
  // A file contains one item for each identity, since of several only the last counts.
  const shown = items.map((item): ImportItem => {
    if (item.kind === "foreign" || item.shadowedBy === undefined) {
      return item;
    }
    return {
      kind: "foreign",
      placed: item.placed,
      reason: `It has no effect: ${placeOf(item.shadowedBy)} shadows it.`,
    };
  });
  const isEmpty = !shown.some(({ kind }) => kind === "imported");
  const lines = shown.flatMap((item) => {
    if (item.kind === "foreign") {
      return [comment(describeForeign(item))];
    }
    return [...item.remarks.map((remark) => comment(remark)), yamlText([itemOf(item)]).trimEnd()];
  });
  return `${[...opening, `iamIdentityMappings:${isEmpty ? " []" : ""}`, ...lines].join("\n")}\n`;
}

function metadata(cluster: ClusterRef): string[] {
  if (cluster.kind === "eks") {
    return [`  name: ${yamlText(cluster.name).trimEnd()}`, `  region: ${cluster.region}`];
  }
  return [
    comment("Replace this with the name of the EKS cluster, which is not known here.", "  "),
    "  name: CHANGE-ME",
  ];
}

/** An entry in eksctl's format. Without noDuplicateARNs, eksctl would append an entry that exists already. */
function itemOf({ placed, mapping, hasDuplicates }: ImportedEntry): object {
  if (mapping.kind === "account") {
    return { account: mapping.account };
  }
  return {
    arn: placed.entry.arn ?? mapping.arn,
    ...(mapping.username && { username: mapping.username }),
    ...(mapping.groups.length > 0 && { groups: mapping.groups }),
    ...(!hasDuplicates && { noDuplicateARNs: true }),
  };
}

function comment(text: string, margin = ""): string {
  return wrap(`${margin}# ${printable(text)}`, width, `${margin}# `);
}
