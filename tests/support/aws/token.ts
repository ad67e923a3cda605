import { EKS } from "@aws-sdk/client-eks";
import { eksToken } from "../../../provider/cluster/eks/eksConnection.ts";
import type { AwsCaller } from "./caller.ts";

/** A bearer token for a cluster, made by the package's own code. Two of one second are alike. */
export async function tokenFor(caller: AwsCaller, cluster: string): Promise<string> {
  const region = "eu-central-1";
  const eks = new EKS({ region, credentials: caller });
  try {
    return await eksToken({ eks, config: { ...eks.config, region, maxAttempts: 1 } }, cluster);
  } finally {
    eks.destroy();
  }
}
