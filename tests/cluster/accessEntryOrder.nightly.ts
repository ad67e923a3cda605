import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { AwsError } from "../support/eks/awsError.ts";
import { type AccessEntryCluster, account, longAgo, roleOf, startEntryCluster } from "../support/eks/entryCluster.ts";
import type { TestProject } from "../support/engine/testProject.ts";
import { writes } from "../support/proxy/fault.ts";

const self = `arn:aws:iam::${account}:user/deployer`;
const admins = { self, "admin-a": roleOf("admin-a"), "admin-b": roleOf("admin-b"), "admin-c": roleOf("admin-c") };

const names = Object.keys(admins).toSorted();

const program = `
const own = new IdentityMapping("self", { arn: "${self}", username: "deployer", groups: ["system:masters"] });
const dependsOn = process.env.CASE === "dependent" ? [own] : [];
if (process.env.CASE !== "alone") {
  for (const name of ["admin-a", "admin-b", "admin-c"]) {
    const arn = "${roleOf("")}" + name;
    new IdentityMapping(name, { arn, username: name, groups: ["system:masters"] }, name === "admin-c" ? { dependsOn } : {});
  }
  new IdentityMapping("dev", { arn: "${roleOf("eng/dev")}", username: "dev", groups: ["viewers"] });
}
`;

/** Who is administrator when a call that changes something arrives: by the map, and by an access entry with its policy. */
interface Moment {
  /** `CreateAccessEntry admin-a`, or `the map`. */
  readonly call: string;
  readonly inMap: readonly string[];
  readonly inEntry: readonly string[];
}

describe("administrators who move between aws-auth and access entries", () => {
  let world: AccessEntryCluster;
  let project: TestProject;
  const moments: Moment[] = [];

  beforeAll(async () => {
    world = await startEntryCluster("API_AND_CONFIG_MAP", longAgo);
    for (const name of ["admin-a", "admin-b", "admin-c", "eng/dev"]) {
      world.aws.principals.create(roleOf(name));
    }
    project = await world.add("order", program);
  });
  afterAll(() => world?.stop());
  beforeEach(() => {
    moments.length = 0;
  });

  const nameOf = (arn: string | undefined) => arn?.split("/").at(-1)?.replace("deployer", "self") ?? "";

  async function record(call: string): Promise<void> {
    const { mapRoles = "", mapUsers = "" } = await world.map.data();
    const entries: { rolearn?: string; userarn?: string; groups?: string[] }[] = [
      ...(parse(mapRoles) ?? []),
      ...(parse(mapUsers) ?? []),
    ];
    moments.push({
      call,
      inMap: entries
        .filter(({ groups = [] }) => groups.includes("system:masters"))
        .map(({ rolearn, userarn }) => nameOf(rolearn ?? userarn))
        .toSorted(),
      inEntry: Object.entries(admins)
        .filter(([, principalArn]) => (world.aws.whoGetsIn("prod", { principalArn })?.policies.length ?? 0) > 0)
        .map(([name]) => name)
        .toSorted(),
    });
  }

  /** Moves to a mode, and records what there is before each change, and in the end. */
  async function move(mode: "CONFIG_MAP" | "API_AND_CONFIG_MAP" | "API", ...args: string[]) {
    await world.inMode(project, mode);
    world.aws.before = async ({ operation, principalArn }) => {
      if (/^(Create|Delete|Associate|Update|Disassociate)/.test(operation)) {
        await record(`${operation} ${nameOf(principalArn)}`);
      }
      return undefined;
    };
    world.proxy.plan = (arrival) =>
      writes(arrival) && arrival.path.includes("configmaps")
        ? { kind: "delay", milliseconds: 0, meanwhile: () => record("the map") }
        : undefined;
    const outcome = await project.up(...args);
    await record("end");
    world.aws.before = undefined;
    world.proxy.plan = () => undefined;
    return outcome;
  }

  const order = (operation: string) =>
    moments.flatMap(({ call }) => (call.startsWith(operation) ? [call.split(" ").at(-1)] : []));
  /** At every moment all are administrators, but for one who is moving, and nobody is in two places but that one. */
  function expectOneAtATime(count = names.length): void {
    expect(moments.length).toBeGreaterThan(2);
    for (const { call, inMap, inEntry } of moments) {
      const both = inMap.filter((name) => inEntry.includes(name));
      expect(both.length, `${call}: ${JSON.stringify(moments)}`).toBeLessThanOrEqual(1);
      const all = new Set([...inMap, ...inEntry]);
      expect([...all].toSorted(), call).toHaveLength(count);
    }
  }

  it("go one after the other, and all of them are administrators at every call", async () => {
    await move("CONFIG_MAP");
    moments.length = 0;
    expect(await move("API")).toMatchObject({ code: 0 });
    expectOneAtATime();
    expect(order("CreateAccessEntry")).toEqual(expect.arrayContaining(names));
    expect(moments.at(-1)).toMatchObject({ inMap: [], inEntry: names });
    moments.length = 0;
    expect(await move("CONFIG_MAP")).toMatchObject({ code: 0 });
    expectOneAtATime();
    expect(order("DeleteAccessEntry")).toEqual(expect.arrayContaining(names));
    expect(moments.at(-1)).toMatchObject({ inMap: names, inEntry: [] });
  });

  it("stay where they are once one of them fails, and go with the next run", async () => {
    await move("CONFIG_MAP");
    await world.inMode(project, "API");
    const tried: string[] = [];
    world.aws.before = ({ operation, principalArn }) => {
      if (operation !== "CreateAccessEntry" || principalArn === roleOf("eng/dev")) {
        return undefined;
      }
      tried.push(nameOf(principalArn));
      return new AwsError("AccessDeniedException", 403, "no");
    };
    const failed = await project.up("--continue-on-error");
    world.aws.before = undefined;
    expect(failed.code).not.toBe(0);
    expect(failed.output).toContain(
      "the change of another administrator failed in this run, so this mapping stays as it is",
    );
    expect(tried).toHaveLength(1);
    moments.length = 0;
    await record("failed");
    expect(moments).toEqual([{ call: "failed", inMap: names, inEntry: [] }]);
    expect(world.aws.entry("prod", roleOf("eng/dev"))).toBeDefined();
    moments.length = 0;
    expect(await move("API")).toMatchObject({ code: 0 });
    expectOneAtATime();
    expect(moments.at(-1)).toMatchObject({ inMap: [], inEntry: names });
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });

  it.each([
    { title: "one that depends on the run's own", name: "dependent", moved: names },
    { title: "the only one", name: "alone", moved: ["self"] },
    { title: "one of them at a time", name: "", args: ["--parallel", "1"], moved: names },
    { title: "those that are left out", name: "", args: ["--target", "**self"], moved: ["self"] },
  ])("never wait for ever: $title", async ({ name, args = [], moved }) => {
    project = project.with({ CASE: name });
    await move("CONFIG_MAP");
    moments.length = 0;
    expect(await move("API", ...args)).toMatchObject({ code: 0 });
    expectOneAtATime(name === "alone" ? 1 : names.length);
    expect(moments.at(-1)?.inEntry).toEqual(moved);
    expect(await project.destroy()).toMatchObject({ code: 0 });
  });
});
