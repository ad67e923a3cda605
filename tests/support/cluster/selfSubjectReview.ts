import type { TestCluster } from "./startCluster.ts";

/** Whom an API server takes the bearer of a token for. */
export interface UserInfo {
  readonly username?: string;
  /** Sorted, without `system:authenticated`, which everybody is in. */
  readonly groups: readonly string[];
  /** What else the authenticator knows. */
  readonly extra: Readonly<Record<string, readonly string[]>>;
}

/** Asks an API server who the bearer of a token is; undefined: nobody, the token is refused. */
export async function whoIs(cluster: TestCluster, token: string): Promise<UserInfo | undefined> {
  const path = "/apis/authentication.k8s.io/v1/selfsubjectreviews";
  const { status, body } = await cluster.request("POST", path, {}, { authorization: `Bearer ${token}` });
  if (status === 401) {
    return undefined;
  }
  if (status !== 201) {
    throw new Error(`POST ${path}: ${status} ${JSON.stringify(body)}`);
  }
  const { userInfo } = (body as { status: { userInfo: Partial<UserInfo> } }).status;
  const groups = (userInfo.groups ?? []).filter((group) => group !== "system:authenticated").toSorted();
  return { ...userInfo, groups, extra: userInfo.extra ?? {} };
}
