import { expect } from "vitest";
import { Logins } from "../authenticator/oracle.ts";
import type { AwsCaller } from "../aws/caller.ts";
import { tokenFor } from "../aws/caller.ts";
import { whoIs } from "../cluster/apiClient.ts";
import type { TestProject } from "../engine/testProject.ts";
import { withoutOptions } from "../variants/declared.ts";
import type { Variant } from "../variants/variant.ts";
import { type AccessEntryCluster, account, entriesFile, roleOf, startEntryCluster } from "./entryCluster.ts";
import type { AccessEntry, AuthenticationMode } from "./state.ts";

/** Each role with its path and mapping; the program specifies the path of the second one only. */
const mapped = {
  admin: { role: "admin", given: "admin", username: "admin", groups: ["system:masters", "auditors"] },
  dev: { role: "eng/dev", given: "eng/dev", username: "dev", groups: ["viewers"] },
  ops: { role: "teams/ops", given: "ops", username: "ops:{{SessionName}}", groups: ["operators"] },
} as const;
type Name = keyof typeof mapped;
const names = Object.keys(mapped) as Name[];

const mappings = withoutOptions(
  Object.fromEntries(
    names.map((name) => {
      const { given, username, groups } = mapped[name];
      return [name, { arn: roleOf(given), username, groups }];
    }),
  ),
);

/**
 * A stack of three mappings that moves between the modes with the real engine. The real authenticator determines who has access at any
 * moment.
 */
export class MovesOnEngine {
  readonly world: AccessEntryCluster;
  readonly project: TestProject;
  readonly #logins: Logins;
  readonly #callers = new Map<Name, AwsCaller>();

  private constructor(world: AccessEntryCluster, project: TestProject, logins: Logins) {
    this.world = world;
    this.project = project;
    this.#logins = logins;
    for (const name of names) {
      const { role } = mapped[name];
      world.aws.principals.create(roleOf(role));
      const session = `arn:aws:sts::${account}:assumed-role/${role.replace(/.*\//, "")}/session`;
      this.#callers.set(name, world.aws.caller(name, session));
    }
  }

  static async start(variant: Variant): Promise<MovesOnEngine> {
    const world = await startEntryCluster();
    const project = await world.add("moves", variant.program(mappings), variant);
    return new MovesOnEngine(world, project, await Logins.start());
  }

  async stop(): Promise<void> {
    this.#logins.stop();
    await this.world.stop();
  }

  /** Sets the authentication mode of the stack. */
  inMode(mode: AuthenticationMode): Promise<void> {
    return this.world.inMode(this.project, mode);
  }

  /** The roles that lack permissions, according to the real API server with a token of each. */
  async accessLosses(): Promise<readonly string[]> {
    await this.world.authenticator.setEntries(entriesFile(this.world.aws.entriesInForce("prod")));
    const asked = names.map(async (name) => {
      const caller = this.#callers.get(name);
      const user = caller && (await whoIs(this.world.cluster, await tokenFor(caller, "prod")));
      return hasMapping(name, user) ? [] : [name];
    });
    return (await Promise.all(asked)).flat();
  }

  /** The roles that lack access that the order of the calls must protect: all except an administrator whose entry has no policy yet. */
  async unprotected(): Promise<readonly string[]> {
    // The entries that the authenticator uses, which it sees later than the calls do. Read once, since they change meanwhile.
    const inForce = this.world.aws.entriesInForce("prod");
    const before = inForce.find(({ principalArn }) => principalArn === roleOf("admin"));
    const { out, less } = await this.#losses(inForce);
    return [...out, ...less.filter((name) => name !== "admin" || before?.policies.length !== 0)];
  }

  /** Expects the result of an undisturbed run. */
  async expectMoved(to: AuthenticationMode): Promise<void> {
    const entries = this.world.aws
      .entries("prod")
      .map(({ principalArn, username, kubernetesGroups, policies, tags }) => ({
        principalArn,
        username,
        kubernetesGroups,
        policies: policies.map(({ policyArn }) => policyArn.replace(/.*\//, "")),
        claims: Object.keys(tags).length,
      }));
    const wanted = names.map((name) => ({
      principalArn: roleOf(mapped[name].role),
      username: mapped[name].username,
      kubernetesGroups: mapped[name].groups.filter((group) => group !== "system:masters"),
      policies: name === "admin" ? ["AmazonEKSClusterAdminPolicy"] : [],
      claims: 1,
    }));
    const byArn = (a: { principalArn: string }, b: { principalArn: string }) =>
      a.principalArn < b.principalArn ? -1 : 1;
    expect(entries.toSorted(byArn)).toEqual(to === "CONFIG_MAP" ? [] : wanted.toSorted(byArn));
    const { mapRoles = "" } = await this.world.map.data();
    expect(mapRoles.match(/rolearn/g) ?? []).toHaveLength(to === "API" ? 0 : names.length);
  }

  /** The roles without access, and those that lack permissions, by the real authenticator with the current map and these access entries. */
  async #losses(
    inForce: readonly AccessEntry[],
  ): Promise<{ readonly out: readonly Name[]; readonly less: readonly Name[] }> {
    const { aws, map } = this.world;
    const answers = await this.#logins.ask({
      data: await map.data(),
      entries: entriesFile(inForce),
      visitors: names.map((name) => {
        const { uniqueId } = aws.principals.find(roleOf(mapped[name].role)) ?? {};
        return { arn: this.#callers.get(name)?.arn ?? "", userId: `${uniqueId}:session` };
      }),
    });
    const outcomes = names.map((name, index) => [name, answers[index]?.outcomes[0]] as const);
    const out = outcomes.filter(([, outcome]) => outcome === undefined).map(([name]) => name);
    const less = outcomes
      .filter(([name, outcome]) => !out.includes(name) && !hasMapping(name, outcome))
      .map(([name]) => name);
    return { out, less };
  }
}

/** Whether a user is the mapped one, with session names filled in. */
function hasMapping(name: Name, user: { readonly username?: string; readonly groups: readonly string[] } | undefined) {
  const { username, groups } = mapped[name];
  return (
    user?.username === username.replace("{{SessionName}}", "session") &&
    groups.every((group) => user.groups.includes(group))
  );
}
