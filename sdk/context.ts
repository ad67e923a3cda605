import * as pulumi from "@pulumi/pulumi";
import { writeContext } from "../provider/lifecycle/context";
import { stemOf } from "../provider/ownership/claim";
import { isFields } from "../provider/text/fields";
import { holdsKubeconfig } from "../provider/text/kubeconfigContent";
import { printable } from "../provider/text/text";
import type { Cluster } from "./cluster";
import { type SecretInputs, secretsAmong } from "./secretInputs";

/**
 * The context to pass to `check` with a mapping: a string, or a promise if part of it is one. Not an output, which could make the
 * mapping depend on other resources.
 */
export function contextOf(
  urn: string | Promise<string>,
  name: string,
  inputs: { readonly cluster?: Cluster } & SecretInputs,
  ignoreChanges: readonly string[],
): string | Promise<string> {
  const isPreview = pulumi.runtime.isDryRun();
  const label = labelOf(name);
  const ahead = prefetchOf(inputs.cluster);
  const hidden = secretsAmong(inputs);
  const write = (urn: string, prefetch?: string, secrets: readonly string[] = []) =>
    writeContext({ urn, label, stem: stemFor(urn), ignoreChanges, isPreview, secrets, prefetch });
  return typeof urn === "string" && ahead === undefined && hidden === undefined
    ? write(urn)
    : Promise.all([urn, ahead, hidden]).then((known) => write(...known));
}

/** The label of a resource in the record of claims: its stack, or the value of `aws-auth:owner`, and its name. */
function labelOf(name: string): string {
  const stack = [organizationName() ?? [], pulumi.getProject(), pulumi.getStack()].flat().join("/");
  return printable(`${pulumi.runtime.getConfig("aws-auth:owner") || stack} ${name}`);
}

function organizationName(): string | undefined {
  try {
    return pulumi.getOrganization();
  } catch {
    // Unit tests with mocks lack an organization.
    return undefined;
  }
}

/** What the IDs of a resource's claims begin with. */
export function stemFor(urn: string): string {
  return stemOf(organizationName(), urn);
}

/** The EKS clusters of the resources that are created in one turn of the event loop, and their serialized form. */
interface Turn {
  readonly clusters: Map<string, unknown>;
  readonly text: Promise<string | undefined>;
}

let turn: Turn | undefined;

/**
 * Collects the EKS clusters of a program, so that the provider can look them up concurrently. Every resource with a cluster passes
 * on all of them, since it is not known which resource the engine checks first. They are one string, which is cheapest.
 *
 * @returns the clusters of all resources of this turn as JSON, if there are several; undefined, synchronously, for a resource
 * without a cluster. Not an output, which would make resources depend on each other.
 */
export function prefetchOf(cluster: Cluster | undefined): Promise<string | undefined> | undefined {
  if (!isPlainEksCluster(cluster)) {
    return undefined;
  }
  turn ??= newTurn();
  turn.clusters.set(JSON.stringify(cluster), cluster);
  return turn.text;
}

function newTurn(): Turn {
  const clusters = new Map<string, unknown>();
  const text = Promise.resolve().then(() => {
    turn = undefined;
    return clusters.size > 1 ? JSON.stringify([...clusters.values()]) : undefined;
  });
  return { clusters, text };
}

/** Whether it is an EKS cluster of plain values. Kubeconfigs are excluded: reading them is fast, and their content is secret. */
function isPlainEksCluster(cluster: unknown): boolean {
  const isPlain = (value: unknown) => typeof value === "string" && !holdsKubeconfig(value);
  return isPlain(cluster) || (isFields(cluster) && "name" in cluster && Object.values(cluster).every(isPlain));
}
