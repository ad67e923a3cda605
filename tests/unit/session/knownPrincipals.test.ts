import { describe, expect, it } from "vitest";
import { KnownPrincipals } from "../../../provider/session/knownPrincipals.ts";
import { AwsError } from "../../support/eks/awsError.ts";
import { account, type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";

const others = { role: "user", user: "role" } as const;

/** Makes this many roles or users. */
function make({ aws }: EntriesWorld, kind: "role" | "user", count: number): string[] {
  const arns = Array.from({ length: count }, (_, index) => `arn:aws:iam::${account}:${kind}/team/p${index}`);
  for (const arn of arns) {
    aws.principals.create(arn);
  }
  return arns;
}

const iamCalls = ({ aws }: EntriesWorld) =>
  aws.calls.flatMap(({ service, operation, code }) => (service === "iam" ? [code ?? operation] : []));

describe.each([
  ["role", "GetRole"],
  ["user", "GetUser"],
] as const)("a %s", (kind, get) => {
  it("is asked for once, whatever path its ARN has, and however many there are", async () => {
    const world = await entriesWorld();
    const arns = make(world, kind, 15);
    const known = new KnownPrincipals(world.api);
    for (const arn of [...arns, ...arns]) {
      expect(await known.find(arn)).toMatchObject({ arn });
    }
    const [arn = ""] = arns;
    expect(await known.find(arn.replace("team/", ""))).toMatchObject({ arn });
    expect(iamCalls(world)).toEqual(Array(15).fill(get));
    expect(known.refusal).toBeUndefined();
  });

  it("is asked for no more once one is refused, which is told, and the other kind is", async () => {
    const world = await entriesWorld();
    world.aws.permit(world.deployer, ["eks:*", `iam:Get${kind === "role" ? "User" : "Role"}`]);
    const known = new KnownPrincipals(world.api);
    for (const arn of make(world, kind, 3)) {
      expect([await known.find(arn), await known.lookUp(arn)]).toEqual([undefined, { kind: "unknown" }]);
    }
    expect(iamCalls(world)).toEqual(["AccessDenied"]);
    expect(known.refusal).toMatchObject({ message: expect.stringContaining(`may not do iam:${get} (`) });
    const other = world.aws.principals.create(`arn:aws:iam::${account}:${others[kind]}/other`);
    expect(await known.find(other.arn)).toMatchObject({ arn: other.arn });
  });

  it("of another account is not asked for, which is no refusal", async () => {
    const world = await entriesWorld();
    const known = new KnownPrincipals(world.api);
    expect(await known.find(`arn:aws:iam::444455556666:${kind}/far`)).toBeUndefined();
    expect([iamCalls(world), known.refusal]).toEqual([[], undefined]);
  });

  it("may be refused before somebody needs it, which counts once somebody does", async () => {
    const world = await entriesWorld();
    const [first = "", second = "", third = ""] = make(world, kind, 3);
    const denied = new AwsError("AccessDenied", 403, "no");
    world.aws.before = ({ service }) => (service === "iam" ? denied : undefined);
    const known = new KnownPrincipals(world.api);
    known.begin(first);
    await expect.poll(() => iamCalls(world)).toEqual(["AccessDenied"]);
    world.aws.before = undefined;
    expect(await known.find(second)).toMatchObject({ arn: second });
    expect(known.refusal).toBeUndefined();
    expect(await known.find(first)).toBeUndefined();
    expect(known.refusal).toMatchObject({ code: "accessDenied" });
    known.begin(third);
    expect(await known.find(third)).toBeUndefined();
    expect(iamCalls(world)).toEqual(["AccessDenied", get]);
  });
});

describe("IAM", () => {
  it.each([
    ["does not answer", "cut", "the IAM API cannot be reached"],
    ["throttles for ever", new AwsError("Throttling", 400, "Rate exceeded"), "throttles"],
    ["fails for ever", new AwsError("InternalFailure", 500, "internal"), "does not respond"],
  ] as const)(
    "leaves open who is there, which is told, and is asked no more: one that %s",
    async (_title, fault, says) => {
      const world = await entriesWorld();
      const [first = "", second = ""] = make(world, "role", 2);
      world.aws.before = ({ service }) => (service === "iam" ? fault : undefined);
      const known = new KnownPrincipals(world.api);
      expect(await known.find(first)).toBeUndefined();
      world.aws.forgetCalls();
      expect(await known.lookUp(second)).toEqual({ kind: "unknown" });
      expect(world.aws.calls).toEqual([]);
      expect(known.refusal).toMatchObject({ code: "clusterUnreachable", message: expect.stringContaining(says) });
    },
  );

  it("has not said that a role is missing where it answers with something else", async () => {
    const world = await entriesWorld();
    const [arn = ""] = make(world, "role", 1);
    world.aws.before = ({ service }) => (service === "iam" ? new AwsError("ExpiredToken", 403, "old") : undefined);
    await expect(new KnownPrincipals(world.api).find(arn)).rejects.toMatchObject({ code: "credentials" });
  });
});
