import { listOf, textOf } from "../../text/fields";
import type { ApiConnection } from "../http";
import { withoutConfigHint } from "../settings";
import { getObject } from "./objects";

/**
 * Why an API server may be that of an EKS cluster whose name is unknown, so that its access entries cannot be read.
 *
 * @param isEks whether the kubeconfig shows that it is one.
 * @returns a clause with the remedy; undefined for a cluster without access entries.
 */
export async function hiddenEntriesOf(connection: ApiConnection, isEks: boolean): Promise<string | undefined> {
  const because = (cause: string) =>
    `${withoutConfigHint(cause)}; name the EKS cluster with --cluster, or with cluster in the program`;
  const unnamed = because("the kubeconfig does not contain the name of its EKS cluster");
  if (isEks) {
    return unnamed;
  }
  const maybe = (cause: string) => because(`the server may be one of EKS, since ${cause}`);
  const discovery = await getObject(connection, "/apis");
  if (!("body" in discovery)) {
    return maybe(`reading its API groups ${discovery.failure}`);
  }
  const groups = listOf(discovery.body["groups"]).map(({ name }) => name);
  if (groups.includes("metrics.eks.amazonaws.com")) {
    return unnamed;
  }
  if (groups.includes("anywhere.eks.amazonaws.com")) {
    return undefined;
  }
  const version = await getObject(connection, "/version");
  if (!("body" in version)) {
    return maybe(`reading its version ${version.failure}`);
  }
  const text = textOf(version.body["gitVersion"]);
  // EKS Distro has such versions too.
  return text.includes("-eks-") ? maybe(`its version is ${text}`) : undefined;
}
