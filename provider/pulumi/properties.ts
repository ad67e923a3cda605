import type * as provider from "@pulumi/pulumi/proto/provider_pb";
import { AwsAuthError } from "../errors";
import { type Fields, isFields } from "../text/fields";
import { quoted } from "../text/text";
import { loadFromSdk } from "./packages";
import { parseUrn, unknownValue, wellFormed } from "./values";

export type Struct = NonNullable<ReturnType<provider.CheckRequest["getNews"]>>;

export interface Received {
  /** The plain values, in which `unknownValue` represents every unknown value. */
  readonly values: Fields;
  /** The names of the properties that are secret, entirely or in part; those of a cluster as `cluster.kubeconfig`. */
  readonly secrets: readonly string[];
}

/** The key and the values that mark special objects in the protocol. */
const signature = "4dabf18193072939515e22adb298388d";
const secretSignature = "1b47061264138c4ac30d75fd1eb44270";
const outputSignature = "d0e6a833031e9bbcd3f4e8bde6ca49a4";
const resourceSignature = "5cf8f73096256a8f31e491e813e4eb8e";

/** The strings that represent unknown values of each type. Any of them may replace a value of any type. */
const unknowns: ReadonlySet<string> = new Set([
  unknownValue,
  "1c4a061d-8072-4f0a-a4cb-0ff528b18fe7",
  "3eeb2bf0-c639-47a8-9e75-3b44932eb421",
  "6a19a0b0-7e62-4c92-b797-7f8e31da9cc2",
  "dd056dcd-154b-4c76-9bd3-c8f88648b5ff",
  "030794c1-ac77-496b-92df-f27374a8bd58",
  "e48ece36-62e2-4504-bad9-02848725956a",
]);

export function receive(struct: Struct | undefined): Received {
  const secrets = new Set<string>();
  // Sorted by name, since the engine sends them in random order, and texts and comparisons depend on the order.
  const given = Object.entries(struct?.toJavaScript() ?? {});
  const values = Object.fromEntries(given.map(([name, value]) => [name, plainValueOf(value, name, secrets)]));
  return { values, secrets: [...secrets] };
}

/** @param path the property that contains the value, as in {@link Received}. */
function plainValueOf(value: unknown, path: string, secrets: Set<string>): unknown {
  if (typeof value === "string") {
    return unknowns.has(value) ? unknownValue : value;
  }
  if (Array.isArray(value)) {
    return value.map((item) => plainValueOf(item, path, secrets));
  }
  if (!isFields(value)) {
    return value;
  }
  const { [signature]: kind, value: inner, secret } = value;
  if (kind === resourceSignature) {
    return resourceIdOf(value, path);
  }
  if (kind === secretSignature || kind === outputSignature) {
    if (kind === secretSignature || secret === true) {
      secrets.add(path);
    }
    // An output without a value is unknown.
    return inner === undefined ? unknownValue : plainValueOf(inner, path, secrets);
  }
  const pathOf = (name: string) => (path === "cluster" ? `cluster.${name}` : path);
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, plainValueOf(item, pathOf(name), secrets)]),
  );
}

/**
 * The string that represents a resource: its ID, or its URN if it has no ID.
 *
 * @throws AwsAuthError `invalidInput` in the place of a cluster, since the message contains only the ID. For an EKS cluster this is its
 *   name, which would select the cluster of that name in the region and account of the settings.
 */
function resourceIdOf({ urn, id = urn }: Fields, path: string): unknown {
  if (/^cluster(?:\.|$)/.test(path)) {
    const name = quoted(parseUrn(String(urn))?.name ?? String(urn));
    throw new AwsAuthError("invalidInput", `${path} is a resource (${name}); pass its ARN, such as eksCluster.arn`);
  }
  return id === "" ? unknownValue : id;
}

/**
 * Writes properties to a message. A kubeconfig is always secret.
 *
 * @param secrets the properties to mark as secret, as in {@link Received}.
 */
export function struct(values: Fields, secrets: readonly string[]): Struct {
  const { cluster } = values;
  const secret = new Set([...secrets, "cluster.kubeconfig"]);
  const marked = (fields: object, path = "") =>
    Object.fromEntries(
      Object.entries(fields).map(([name, value]) => [
        name,
        secret.has(path + name) ? { [signature]: secretSignature, value } : value,
      ]),
    );
  const sent = isFields(cluster) ? { ...values, cluster: marked(cluster, "cluster.") } : values;
  const { Struct } = loadFromSdk("google-protobuf/google/protobuf/struct_pb");
  return Struct.fromJavaScript(wellFormed(marked(sent)));
}
