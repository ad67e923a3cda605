import { randomBytes } from "node:crypto";

/** A person or program as the API server knows it from its static token file. */
export interface ClusterUser {
  /** User name, as in a RoleBinding. */
  readonly name: string;
  /** Group names; default none. `system:authenticated` is added by the API server. */
  readonly groups?: readonly string[];
  /** Bearer token; default a fresh random one. */
  readonly token?: string;
}

/** A user with everything filled in. */
export type KnownUser = Required<ClusterUser>;

/** Name of the user that every test cluster has; a member of system:masters. */
export const adminName = "admin";

/** The admin and the given users, each with a token. */
export function completeUsers(users: readonly ClusterUser[]): readonly KnownUser[] {
  const admin: ClusterUser = { name: adminName, groups: ["system:masters"] };
  return [admin, ...users].map((user) => ({
    name: user.name,
    groups: user.groups ?? [],
    token: user.token ?? randomBytes(16).toString("hex"),
  }));
}

/** The API server's static token file: token, name, uid and one quoted column of groups. */
export function renderTokenFile(users: readonly KnownUser[]): string {
  return users.map(({ name, groups, token }) => `${token},${name},${name},"${groups.join(",")}"\n`).join("");
}
