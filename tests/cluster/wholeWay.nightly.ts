import { DescribeUpdateCommand, EKSClient, UpdateClusterConfigCommand } from "@aws-sdk/client-eks";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { MigrationReport } from "../../provider/migration/model.ts";
import { reportedBy } from "../support/authenticator/identities.ts";
import { Oracle } from "../support/authenticator/oracle.ts";
import { runCli } from "../support/cli/runCli.ts";
import { type AccessEntryCluster, account, longAgo, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import { declared, foreign, leftForEks, original, populate, program, strangers } from "../support/eks/longMap.ts";
import type { Outcome, TestProject } from "../support/engine/testProject.ts";

/** What somebody is in the cluster. An administrator by an access policy is one as a member of system:masters is. */
interface Who {
  readonly username: string;
  readonly groups: readonly string[];
}

const moving = Object.values(declared).filter(({ authenticationMode }) => authenticationMode === undefined).length;

/** Who the one without a username is by an access entry. */
const unnamed = { username: `arn:aws:sts::${account}:assumed-role/unnamed/session`, groups: ["viewers"] };

describe("the whole way from aws-auth to access entries and back", () => {
  let world: AccessEntryCluster;
  let project: TestProject;
  let oracle: Oracle;
  let eks: EKSClient;

  beforeAll(async () => {
    world = await startEntryCluster("CONFIG_MAP", longAgo);
    populate(world);
    await world.map.reset(original);
    oracle = await Oracle.start();
    eks = new EKSClient({ region: "eu-central-1", endpoint: world.aws.url, credentials: world.deployer });
    project = await world.add("whole-way", program);
  });
  afterAll(async () => {
    oracle?.stop();
    eks?.destroy();
    await world?.stop();
  });

  async function done(run: Promise<Outcome>): Promise<string> {
    const { code, output, raw } = await run;
    expect(code, raw).toBe(0);
    return output;
  }

  /** Who everybody is, in a session named `session`: by an access entry where one counts, else by the real authenticator on the map. */
  async function everybody(): Promise<Record<string, Who | undefined>> {
    const subjects = [...Object.values(declared), ...strangers.map((arn) => ({ arn }))];
    const { identities, fault } = await oracle.ask(await world.map.data(), subjects.map(reportedBy));
    expect(fault).toBe("");
    return Object.fromEntries(
      subjects.map(({ arn = "an account" }, index) => {
        const visitor = { principalArn: arn, privateDnsName: "{{EC2PrivateDNSName}}" };
        const admission = world.aws.whoGetsIn("prod", visitor);
        const [outcome] = identities[index]?.outcomes ?? [];
        if (admission?.by !== "access entry") {
          const username = outcome?.username.replace(/{{SessionName(Raw)?}}/, "session") ?? "";
          return [arn, outcome && { username, groups: outcome.groups.toSorted() }];
        }
        const { username, groups, policies } = admission;
        const isAdmin = policies.some(({ policyArn }) => policyArn.endsWith("/AmazonEKSClusterAdminPolicy"));
        return [arn, { username, groups: [...groups, ...(isAdmin ? ["system:masters"] : [])].toSorted() }];
      }),
    );
  }

  /** Asks the command line what is left, and counts the entries of aws-auth by what it says of them. */
  async function migrate() {
    const args = ["migrate", "--cluster", "prod", "--region", "eu-central-1", "-o", "json"];
    const { code, stdout } = await runCli(args, { env: world.aws.env(world.deployer) });
    const { clusters }: MigrationReport = JSON.parse(stdout);
    const { verdict, entries = [], administrators = [], caller } = clusters[0] ?? {};
    const counts: Record<string, number> = {};
    for (const { moves, status } of entries) {
      counts[`${moves}, ${status}`] = (counts[`${moves}, ${status}`] ?? 0) + 1;
    }
    const staying = administrators.filter(({ holds }) => holds === "stays").length;
    return { code, verdict, counts, staying, caller: caller?.holds };
  }

  async function clusterTo(authenticationMode: "API_AND_CONFIG_MAP" | "API"): Promise<void> {
    const accessConfig = { authenticationMode };
    const { update } = await eks.send(new UpdateClusterConfigCommand({ name: "prod", accessConfig }));
    await eks.send(new DescribeUpdateCommand({ name: "prod", updateId: update?.id }));
    expect(world.aws.cluster("prod").mode).toBe(authenticationMode);
  }

  /** What a preview reports if somebody's access changes. */
  const changedAccess = /: (?:gains|loses) /;

  /** Sets the mode of the stack, and runs `pulumi up` with its preview. */
  async function upIn(mode: "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API"): Promise<string> {
    await world.inMode(project, mode);
    return done(project.pulumi("up", "--yes"));
  }

  const nothingToDo = () => done(project.pulumi("preview", "--expect-no-changes"));

  it("says at each step what is to do, lets everybody in as who they are, and ends where it began", async () => {
    await upIn("CONFIG_MAP");
    const before = await everybody();
    expect(Object.values(before)).not.toContain(undefined);
    const whole = await world.map.data();
    expect(await migrate()).toEqual({
      code: 1,
      verdict: "notReady",
      // A role of another account has a path that nobody here knows, until it has an access entry.
      counts: { "move, toDo": 16, "cannot, toDo": 9, "leave, toDo": 3, "leave, done": 2 },
      staying: 0,
      caller: "ends",
    });

    await clusterTo("API_AND_CONFIG_MAP");
    const toBoth = await upIn("API_AND_CONFIG_MAP");
    expect(toBoth).toContain(`~ ${moving} to update`);
    expect(toBoth).toContain(
      `"${roleOf("unnamed")}": the username is empty in aws-auth, and "${unnamed.username.replace("session", "{{SessionName}}")}" in an access entry`,
    );
    // The only one who gets another name, which the plan has said.
    const inEntries = { ...before, [roleOf("unnamed")]: unnamed };
    expect(await everybody()).toEqual(inEntries);
    expect(await world.map.data()).toEqual(whole);
    await nothingToDo();
    const gate = { code: 1, verdict: "notReady", staying: 4, caller: "stays" };
    expect(await migrate()).toEqual({
      ...gate,
      counts: {
        "move, done": 14,
        "move, unknown": 1,
        "move, toDo": 2,
        "cannot, toDo": 8,
        "leave, toDo": 1,
        "leave, done": 4,
      },
    });

    const toApi = await upIn("API");
    expect(toApi).toContain(`~ ${moving} to update`);
    expect(toApi).not.toMatch(changedAccess);
    expect(toApi).not.toContain("existed before this resource was created");
    expect(await everybody()).toEqual(inEntries);
    const left = await world.map.data();
    expect(without(left, Object.keys(declared))).toEqual(foreign);
    expect((left["mapRoles"] ?? "").startsWith(foreign.mapRoles)).toBe(true);
    await nothingToDo();
    expect(await migrate()).toEqual({
      ...gate,
      counts: { "move, toDo": 2, "cannot, toDo": 8, "leave, toDo": 1, "leave, done": 4 },
    });
    await world.map.patch(leftForEks);
    expect(await migrate()).toEqual({ ...gate, code: 0, verdict: "ready", counts: { "leave, done": 3 } });
    await world.map.patch(left);

    expect(await upIn("API_AND_CONFIG_MAP")).not.toMatch(changedAccess);
    expect(await everybody()).toEqual(inEntries);
    await upIn("CONFIG_MAP");
    expect(await everybody()).toEqual(before);
    expect(
      world.aws
        .entries("prod")
        .map(({ principalArn }) => principalArn)
        .toSorted(),
    ).toEqual([roleOf("fargate-pods"), roleOf("node-group")]);
    await done(project.destroy());
    expect(await world.map.data()).toEqual(foreign);
  });
});

/** The lists of a map without the entries of these mappings, as they are written where the package writes them. */
function without(data: Readonly<Record<string, string>>, names: readonly string[]): Record<string, string> {
  const arns = names.map(
    (name) => declared[name]?.arn?.replace(/role\/.*\//, "role/") ?? declared[name]?.account ?? "",
  );
  const cut = (text: string) =>
    text
      .split(/^(?=- )/m)
      .filter((piece) => !arns.some((arn) => new RegExp(`[ "]${arn}(?![\\w-])`).test(piece)))
      .join("");
  return Object.fromEntries(Object.entries(data).map(([key, text]) => [key, cut(text)]));
}
