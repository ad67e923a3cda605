import { isDeepStrictEqual } from "node:util";
import { parse } from "yaml";
import type { AccessPolicy, LiveAccessEntry } from "../../../provider/accessEntries/accessEntry.ts";
import { adminPolicy, viewPolicy } from "../accessEntries.ts";
import { account, defaultName, type World } from "./world.ts";

/** The username and groups of a login. */
export interface User {
  readonly username: string;
  readonly groups: readonly string[];
}

export const lists = { roles: ["mapRoles", "rolearn"], users: ["mapUsers", "userarn"] } as const;
export const listNames = ["roles", "users"] as const;

/** What EKS makes of a role or user: a model of its own, without the code under test. Several users if one of them is used at random. */
export interface Login {
  readonly by: "map" | "entry" | "undetermined";
  readonly users: readonly User[];
}

/** @param arn without a path, in lower case. */
export function loginOf(world: World, arn: string): Login {
  const { mode, data } = world;
  const principal = world.principalAt(arn);
  const entries = mode === "CONFIG_MAP" ? [] : entriesOf(world, arn);
  const second = (date: Date) => Math.floor(date.getTime() / 1000);
  const living = entries.filter(
    ({ principalArn, createdAt }) =>
      principal?.arn === principalArn && second(createdAt) >= second(principal.createdAt),
  );
  if (living.length > 0) {
    return { by: "entry", users: living.map(userOf) };
  }
  const mapped = mode === "API" ? [] : mappedIn(world, arn);
  const [first] = listNames.filter((list) => mapped.some((entry) => entry.list === list));
  // Roles are stored in lower case, users as they are spelled; the last entry of each counts.
  const stored = mapped
    .filter(({ list }) => list === first)
    .map((entry) => [first === "roles" ? "" : entry.arn, entry.user] as const);
  const accounts: readonly unknown[] = parse(data["mapAccounts"] ?? "[]");
  const isOfAccount = mode !== "API" && accounts.map(String).includes(account);
  const users = stored.length > 0 ? [...new Map(stored).values()] : isOfAccount ? [{ username: arn, groups: [] }] : [];
  // Nobody documents whether EKS then asks aws-auth.
  return { by: entries.length > 0 && users.length > 0 ? "undetermined" : "map", users };
}

/** The entries of the map for a role or user, in their order. */
export function mappedIn({ data }: Pick<World, "data">, arn: string) {
  return listNames.flatMap((list) => {
    const [key, field] = lists[list];
    const items: readonly (User & Readonly<Record<string, string>>)[] = parse(data[key] ?? "[]");
    return items.flatMap(({ [field]: own = "", username, groups }) =>
      own.toLowerCase() === arn ? { list, arn: own, user: { username: username ?? "", groups: groups ?? [] } } : [],
    );
  });
}

/** The access entries of a role or user under any path. */
export function entriesOf({ entries }: World, arn: string): readonly LiveAccessEntry[] {
  return [...entries.values()].filter(({ principalArn }) => principalArn.replace(/role\/.*\//, "role/") === arn);
}

/** The user of a login by an access entry. */
export function userOf({ username, groups, policies }: LiveAccessEntry): User {
  const isAdministrator = policies.some(({ policyArn }) => policyArn === adminPolicy.policyArn);
  return { username, groups: isAdministrator ? [...groups, "system:masters"] : groups };
}

/** The access entry that gives this user. */
export function entryOf({ username, groups }: User, principalArn: string) {
  return {
    principalArn,
    username: username || defaultName({ principalArn }),
    groups: groups.filter((group) => group !== "system:masters"),
    policies: groups.includes("system:masters") ? [adminPolicy] : [],
  };
}

/** @param ignored the properties that may differ. */
export function isSame(a: User, b: User, ignored: readonly string[] = []): boolean {
  const hasSameGroups = isDeepStrictEqual(new Set(a.groups), new Set(b.groups));
  return (ignored.includes("username") || a.username === b.username) && (ignored.includes("groups") || hasSameGroups);
}

/** Whether it is the access policy that outsiders associate. */
export function isView({ policyArn }: AccessPolicy): boolean {
  return policyArn === viewPolicy().policyArn;
}
