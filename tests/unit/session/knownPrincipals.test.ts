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
  ["role", "GetRole", "ListRoles"],
  ["user", "GetUser", "ListUsers"],
] as const)("a %s", (kind, get, list) => {
  it("is asked for by itself, and once, as long as there are few", async () => {
    const world = await entriesWorld();
    const arns = make(world, kind, 9);
    const known = new KnownPrincipals(world.api);
    for (const arn of [...arns, ...arns]) {
      expect(await known.find(arn)).toMatchObject({ arn });
    }
    expect(iamCalls(world)).toEqual(Array(9).fill(get));
    expect(known.refusal).toBeUndefined();
  });

  it("is in a list from the tenth on, whatever path and case its ARN has, page by page", async () => {
    const world = await entriesWorld();
    const arns = make(world, kind, 1_100);
    const known = new KnownPrincipals(world.api);
    for (const arn of arns) {
      expect(await known.find(arn)).toMatchObject({ arn });
    }
    const [arn = ""] = arns;
    expect(await known.find(arn.replace("team/p0", "P0"))).toMatchObject({ arn });
    expect(iamCalls(world)).toEqual([...Array(9).fill(get), list, list]);
  });

  it("that was made since the list is asked for by itself", async () => {
    const world = await entriesWorld();
    const known = new KnownPrincipals(world.api);
    for (const arn of make(world, kind, 12)) {
      await known.find(arn);
    }
    const arn = world.aws.principals.create(`arn:aws:iam::${account}:${kind}/new`).arn;
    expect(await known.find(arn)).toMatchObject({ arn });
    expect(await known.find(arn.replace("new", "none"))).toBeUndefined();
  });

  it("is asked for by itself where they may not be listed", async () => {
    const world = await entriesWorld();
    world.aws.permit(world.deployer, ["eks:*", `iam:${get}`]);
    const arns = make(world, kind, 15);
    const known = new KnownPrincipals(world.api);
    for (const arn of arns) {
      expect(await known.find(arn)).toMatchObject({ arn });
    }
    expect(iamCalls(world)).toEqual([...Array(9).fill(get), "AccessDenied", ...Array(6).fill(get)]);
  });

  it("is in the list at once where it may not be asked for by itself", async () => {
    const world = await entriesWorld();
    world.aws.permit(world.deployer, ["eks:*", `iam:${list}`]);
    const arns = make(world, kind, 5);
    const known = new KnownPrincipals(world.api);
    expect(await known.find(arns[0] ?? "")).toBeUndefined();
    for (const arn of arns.slice(1)) {
      expect(await known.findIfPossible(arn)).toMatchObject({ arn });
    }
    expect(iamCalls(world)).toEqual(["AccessDenied", list]);
  });

  it("is asked for on and on where some may be asked for and others not", async () => {
    const world = await entriesWorld();
    const arns = make(world, kind, 9);
    const known = new KnownPrincipals(world.api);
    await known.find(arns[0] ?? "");
    const denied = new AwsError("AccessDenied", 403, "no");
    world.aws.before = ({ service }) => (service === "iam" ? denied : undefined);
    for (const arn of arns.slice(1, 8)) {
      expect(await known.findIfPossible(arn)).toBeUndefined();
    }
    world.aws.before = undefined;
    expect(await known.findIfPossible(arns[8] ?? "")).toMatchObject({ arn: arns[8] });
  });

  it("stays unknown after a few refusals, of which the first is told, unless it has to be known", async () => {
    const world = await entriesWorld();
    world.aws.permit(world.deployer, ["eks:*"]);
    const known = new KnownPrincipals(world.api);
    const arns = make(world, kind, 40);
    for (const arn of arns.slice(0, 39)) {
      expect(await known.findIfPossible(arn)).toBeUndefined();
    }
    expect(iamCalls(world)).toHaveLength(3);
    expect(known.refusal).toMatchObject({ message: expect.stringContaining(`may not do iam:${get} (`) });
    world.aws.permit(world.deployer, ["eks:*", `iam:${get}`]);
    expect(await known.find(arns[39] ?? "")).toMatchObject({ arn: arns[39] });
    world.aws.principals.create(`arn:aws:iam::${account}:${others[kind]}/other`);
    expect(await known.findIfPossible(`arn:aws:iam::${account}:${others[kind]}/other`)).toBeUndefined();
    expect(iamCalls(world)).toHaveLength(5);
  });
});

describe("IAM that does not answer", () => {
  const cut = (world: EntriesWorld) => {
    world.aws.before = ({ service }) => (service === "iam" ? "cut" : undefined);
  };

  it("is an error for who has to know, and asked no more by who need not", async () => {
    const world = await entriesWorld();
    const [first = "", second = "", third = ""] = make(world, "role", 3);
    cut(world);
    const known = new KnownPrincipals(world.api);
    await expect(known.find(first)).rejects.toMatchObject({ code: "clusterUnreachable" });
    expect(await known.findIfPossible(second)).toBeUndefined();
    world.aws.forgetCalls();
    expect(await known.findIfPossible(third)).toBeUndefined();
    expect(world.aws.calls).toEqual([]);
    expect(known.refusal).toMatchObject({ message: expect.stringContaining("the IAM API cannot be reached") });
  });

  it("has not said that a role is missing where it answers with something else", async () => {
    const world = await entriesWorld();
    const [arn = ""] = make(world, "role", 1);
    world.aws.before = ({ service }) => (service === "iam" ? new AwsError("ExpiredToken", 403, "old") : undefined);
    await expect(new KnownPrincipals(world.api).findIfPossible(arn)).rejects.toMatchObject({ code: "credentials" });
  });
});
