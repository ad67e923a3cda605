import { setTimeout } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Logins } from "../support/authenticator/logins.ts";
import type { AwsCaller } from "../support/aws/caller.ts";
import { tokenFor } from "../support/aws/token.ts";
import { whoIs } from "../support/cluster/selfSubjectReview.ts";
import { eksError } from "../support/eks/awsError.ts";
import { entriesFile } from "../support/eks/entriesFile.ts";
import { account, type EntryCluster, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { AuthenticationMode } from "../support/eks/state.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { cases, isNightly } from "../support/nightly.ts";
import { type Fault, planOf, writes } from "../support/proxy/fault.ts";
import { seededRandom } from "../support/proxy/seededRandom.ts";
import { unfolded } from "../support/unfolded.ts";
import { type Interruption, interrupt, recover } from "./interruption.ts";
import { seed } from "./seed.ts";

const moments = Number(process.env["FAULT_MOMENTS"] ?? cases(2, 56));

/** Each role with its path, and what its mapping says; the program gives the path of the second one alone. */
const people = {
  admin: { role: "admin", given: "admin", username: "admin", groups: ["system:masters", "auditors"] },
  dev: { role: "eng/dev", given: "eng/dev", username: "dev", groups: ["viewers"] },
  ops: { role: "teams/ops", given: "ops", username: "ops:{{SessionName}}", groups: ["operators"] },
} as const;
type Name = keyof typeof people;
const names = Object.keys(people) as Name[];

const program = `
for (const [name, { given, username, groups }] of Object.entries(${JSON.stringify(people)})) {
  new IdentityMapping(name, { arn: "arn:aws:iam::${account}:role/" + given, username, groups });
}
`;

/** There at once, and back step by step. */
const lap: readonly AuthenticationMode[] = ["API", "API_AND_CONFIG_MAP", "CONFIG_MAP"];

/** There step by step, and back at once. */
const otherLap: readonly AuthenticationMode[] = ["API_AND_CONFIG_MAP", "API", "CONFIG_MAP"];
const laps = [...lap, ...otherLap];

/** Where a run is ended: at the n-th call of EKS that comes, or that changes something, or at the n-th write of aws-auth. */
interface Moment {
  readonly of: "calls" | "changes" | "writes of the map";
  readonly number: number;
  readonly isDone: boolean;
  readonly interruption: Interruption;
}

describe("a move on the engine", () => {
  let world: EntryCluster;
  let project: TestProject;
  let logins: Logins;
  const callers = new Map<Name, AwsCaller>();

  beforeAll(async () => {
    world = await startEntryCluster();
    logins = await Logins.start();
    for (const name of names) {
      const { role } = people[name];
      world.aws.principals.create(roleOf(role));
      const session = `arn:aws:sts::${account}:assumed-role/${role.replace(/.*\//, "")}/session`;
      callers.set(name, world.aws.caller(name, session));
    }
    project = await world.add("killed", program);
  }, 900_000);
  afterAll(async () => {
    logins?.stop();
    await world?.stop();
  });

  /** Who somebody is, once names of sessions are filled in. */
  function isWhole(name: Name, user: { readonly username?: string; readonly groups: readonly string[] } | undefined) {
    const { username, groups } = people[name];
    return (
      user?.username === username.replace("{{SessionName}}", "session") &&
      groups.every((group) => user.groups.includes(group))
    );
  }

  /** Who does not get in, and who lacks something, by the authenticator's code on what map and access entries say at one moment. */
  async function losses(): Promise<{ readonly out: readonly Name[]; readonly less: readonly Name[] }> {
    const entries = entriesFile(world.aws, "prod");
    const answers = await logins.ask({
      data: await world.map.data(),
      entries,
      visitors: names.map((name) => {
        const { uniqueId } = world.aws.principals.find(roleOf(people[name].role)) ?? {};
        return { arn: callers.get(name)?.arn ?? "", userId: `${uniqueId}:session` };
      }),
    });
    const outcomes = names.map((name, index) => [name, answers[index]?.outcomes[0]] as const);
    const out = outcomes.filter(([, outcome]) => outcome === undefined).map(([name]) => name);
    const less = outcomes
      .filter(([name, outcome]) => !out.includes(name) && !isWhole(name, outcome))
      .map(([name]) => name);
    return { out, less };
  }

  /** The same, asked of the real API server with a token of each. */
  async function lossesAtTheDoor(): Promise<readonly Name[]> {
    await world.authenticator.setEntries(entriesFile(world.aws, "prod"));
    const asked = names.map(async (name) => {
      const caller = callers.get(name);
      const user = caller && (await whoIs(world.cluster, await tokenFor(caller, "prod")));
      return isWhole(name, user) ? [] : [name];
    });
    return (await Promise.all(asked)).flat();
  }

  /** Who the order of the calls protects: everybody but an administrator whose entry has no policy yet. */
  async function unprotected(): Promise<readonly string[]> {
    const before = world.aws.entry("prod", roleOf("admin"));
    const { out, less } = await losses();
    return [...out, ...less.filter((name) => name !== "admin" || before?.policies.length !== 0)];
  }

  it("whose calls are throttled, and one denied, says so, leaves everybody in, and is finished by the next run", async () => {
    const { aws } = world;
    await world.inMode(project, "CONFIG_MAP");
    expect(await project.up()).toMatchObject({ code: 0 });
    await world.inMode(project, "API_AND_CONFIG_MAP");
    aws.throttle({ every: 3 });
    aws.before = ({ operation }) =>
      operation === "AssociateAccessPolicy"
        ? eksError("AccessDeniedException", "not authorized to perform: eks:AssociateAccessPolicy")
        : undefined;
    const denied = await project.up();
    aws.before = undefined;
    expect(denied.code).not.toBe(0);
    expect(unfolded(denied.output)).toContain("may not do eks:AssociateAccessPolicy");
    expect(denied.output).not.toMatch(/^\s+at /m);
    expect(await lossesAtTheDoor()).toEqual([]);
    expect(aws.entry("prod", roleOf("admin"))).toBeUndefined();
    expect(await project.up()).toMatchObject({ code: 0 });
    aws.throttle();
    await expectMoved("API_AND_CONFIG_MAP");
    expect(await lossesAtTheDoor()).toEqual([]);
  });

  it("that is killed leaves nobody without access that the order protects, and is finished by the next run", async () => {
    console.log(`FAULT_SEED=${seed} FAULT_MOMENTS=${moments}`);
    const random = seededRandom(seed);
    const interruptions = ["the CLI", "the provider", "the CLI and the provider"] as const;
    // At every run, moments that there are for sure.
    const kinds = isNightly ? (["changes", "writes of the map", "calls"] as const) : (["changes"] as const);
    const lost = new Set<string>();
    const hits = new Map<string, number>();
    let unfinished = 0;
    let from: AuthenticationMode = "CONFIG_MAP";
    await world.inMode(project, from);
    expect(await project.up()).toMatchObject({ code: 0 });
    for (let moment = 0, tried = 0; moment < moments && tried < 3 * moments; tried++) {
      const to = laps[tried % laps.length] ?? "API";
      // An access entry stays as it is on the way from both to access entries alone, and back.
      const isOfMap = [from, to].every((mode) => mode !== "CONFIG_MAP");
      const of = isOfMap && !isNightly ? "writes of the map" : random.pick(kinds);
      const at: Moment = {
        of,
        number:
          1 +
          random.below(isNightly ? { calls: 16, changes: 5, "writes of the map": 2 }[of] : of === "changes" ? 2 : 1),
        isDone: random.next() < 0.5,
        interruption: random.pick(interruptions),
      };
      await world.inMode(project, to);
      const note = async (when: string) => {
        for (const name of await unprotected()) {
          lost.add(`${name} ${when}, ${from} to ${to}, ${JSON.stringify(at)}`);
        }
      };
      const { hit } = await kill(at, () => note("at a call"));
      await note("once it is killed");
      const less = await lossesAtTheDoor();
      if (hit) {
        moment++;
        const kind = `${from} to ${to}, ${at.of}, ${at.interruption}`;
        hits.set(kind, (hits.get(kind) ?? 0) + 1);
        unfinished += less.length > 0 ? 1 : 0;
      }
      world.proxy.reset();
      await recover({ project, proxy: world.proxy }, "up");
      await note("in the end");
      expect({ at, less: await lossesAtTheDoor() }).toEqual({ at, less: [] });
      await expectMoved(to);
      if (isNightly || moment === moments) {
        expect(await project.pulumi("preview", "--expect-no-changes")).toMatchObject({ code: 0 });
      }
      from = to;
    }
    console.log(hits, `administrators without their policy until the next run: ${unfinished}`);
    expect([...lost]).toEqual([]);
    expect([...hits.values()].reduce((sum, count) => sum + count, 0)).toBe(moments);
  }, 7_200_000);

  /** Runs `up` and ends it, and looks who has access at each call of EKS, and all the time. */
  async function kill({ of, number, isDone, interruption }: Moment, look: () => Promise<void>) {
    const { aws, proxy } = world;
    let isOver = false;
    const looking = (async () => {
      while (!isOver) {
        await look();
        await setTimeout(20);
      }
    })();
    try {
      return await interrupt({ project, proxy }, "up", interruption, (strike) => {
        if (of === "writes of the map") {
          const fault: Fault = isDone
            ? { kind: "cutAfter", meanwhile: strike }
            : { kind: "cutBefore", meanwhile: strike };
          proxy.reset(planOf({ on: writes, skip: number - 1, fault }));
          return;
        }
        let counted = 0;
        const count = async (operation: string) => {
          const isChange = !/^(Describe|List|Get)/.test(operation);
          if ((of === "calls" || isChange) && ++counted === number) {
            await strike();
          }
        };
        aws.before = async ({ operation }) => {
          if (!isDone) {
            await count(operation);
          }
          return undefined;
        };
        aws.after = async ({ operation }) => {
          await look();
          if (isDone) {
            await count(operation);
          }
          return undefined;
        };
      });
    } finally {
      isOver = true;
      await looking;
      aws.before = undefined;
      aws.after = undefined;
    }
  }

  /** What a run that nobody kills ends with. */
  async function expectMoved(to: AuthenticationMode): Promise<void> {
    const entries = world.aws.entries("prod").map(({ principalArn, username, kubernetesGroups, policies, tags }) => ({
      principalArn,
      username,
      kubernetesGroups,
      policies: policies.map(({ policyArn }) => policyArn.replace(/.*\//, "")),
      claims: Object.keys(tags).length,
    }));
    const wanted = names.map((name) => ({
      principalArn: roleOf(people[name].role),
      username: people[name].username,
      kubernetesGroups: people[name].groups.filter((group) => group !== "system:masters"),
      policies: name === "admin" ? ["AmazonEKSClusterAdminPolicy"] : [],
      claims: 1,
    }));
    const byArn = (a: { principalArn: string }, b: { principalArn: string }) =>
      a.principalArn < b.principalArn ? -1 : 1;
    expect(entries.toSorted(byArn)).toEqual(to === "CONFIG_MAP" ? [] : wanted.toSorted(byArn));
    const { mapRoles = "" } = await world.map.data();
    expect(mapRoles.match(/rolearn/g) ?? []).toHaveLength(to === "API" ? 0 : names.length);
  }
});
