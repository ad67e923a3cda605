import { beforeEach, describe, expect, it, vi } from "vitest";
import { AwsError } from "../../support/eks/awsError.ts";
import { account, entriesWorld, says } from "../cluster/eks/entriesWorld.ts";
import { create, type Given, preview, startRun } from "./entryStack.ts";

const role = (name: string, of = account) => `arn:aws:iam::${of}:role/${name}`;
const given = (name: string, arn: string): Given => ({ name, arn, groups: ["viewers"] });
const dead = "dead, since the role was deleted and made again after it, so that it lets nobody in";
const inOneLine = (text: string) => text.replace(/\s+/g, " ").trim();

/** Makes the access entry of a mapping as it is to be, and has the stack find it. */
async function world(mapping: Given, principal = mapping.arn, isFound = false) {
  const all = await entriesWorld("API");
  all.aws.principals.create(principal);
  all.clock.behind -= 20_000;
  if (isFound) {
    const { groups, name } = mapping;
    all.aws.addServiceEntry("prod", principal, { type: "STANDARD", username: `${name}-user`, groups });
  }
  const stored = await create(mapping);
  all.clock.behind -= 20_000;
  all.aws.forgetCalls();
  const failuresNow = async () =>
    (await preview(await startRun(), mapping, stored)).failures.map(({ property, reason }) => [
      property,
      inOneLine(reason),
    ]);
  return { ...all, stored, failuresNow };
}

describe("an access entry whose role was made again", () => {
  beforeEach(() => {
    vi.spyOn(console, "error").mockReturnValue();
    return () => vi.restoreAllMocks();
  });

  it("is not deleted if somebody else made it, which the preview says before anything is done", async () => {
    const mapping = given("found", role("found"));
    const { aws, failuresNow, stored } = await world(mapping, mapping.arn, true);
    expect(await failuresNow()).toEqual([]);
    aws.principals.recreate(mapping.arn);
    expect(await failuresNow()).toEqual([
      [
        "arn",
        `arn "${mapping.arn}" has an access entry already; it is ${dead}; this resource says username "found-user", groups ["viewers"]; EKS cannot change it in place, and it is not this package's to delete; delete it yourself, and run again`,
      ],
    ]);
    const provider = await startRun();
    expect(await provider.read(stored.id, stored.outs)).toMatchObject({ id: stored.id });
    expect(vi.mocked(console.error).mock.calls.map(([text]) => inOneLine(text))).toEqual([
      `info: arn "${mapping.arn}" already has an identical access entry; importing it into the state, the entry stays as it is`,
      `warning: the access entry of arn "${mapping.arn}" is ${dead}; it is not this package's to delete; delete it yourself, and run "pulumi up"`,
    ]);
  });

  it("during the run, after the run has read it for a refresh, is seen", async () => {
    const mapping = given("renewed", role("renewed"));
    const { aws, clock, stored } = await world(mapping);
    const provider = await startRun();
    expect(await provider.read(stored.id, stored.outs)).toMatchObject({ id: stored.id });
    clock.behind -= 5_000;
    aws.principals.recreate(mapping.arn);
    const { inputs, changes } = await preview(provider, mapping, stored, false);
    expect(changes).toBe(true);
    await provider.update(stored.id, stored.outs, inputs);
    expect(aws.whoGetsIn("prod", { principalArn: mapping.arn })).toMatchObject({ username: "renewed-user" });
  });

  it.each([
    ["refuses to tell", new AwsError("AccessDenied", 403, "no")],
    ["cannot be reached", "cut"],
  ] as const)("may be found by a new mapping where IAM %s, which is told", async (_title, fault) => {
    const mapping = given("found", role("found"));
    const { aws } = await entriesWorld("API");
    aws.principals.create(mapping.arn);
    aws.addServiceEntry("prod", mapping.arn, { type: "STANDARD", username: "found-user", groups: ["viewers"] });
    aws.before = ({ service }) => (service === "iam" ? fault : undefined);
    await create(mapping);
    expect(vi.mocked(console.error).mock.calls.map(([text]) => inOneLine(text))).toEqual([
      expect.stringMatching(/^info: an access entry whose role or user was .* which this run may not see: .*IAM/),
      expect.stringContaining("already has an identical access entry"),
    ]);
  });

  it("is not looked for in another account, of which IAM tells nothing", async () => {
    const mapping = given("foreign", role("foreign", "444455556666"));
    const { aws, failuresNow, stored } = await world(mapping);
    aws.principals.recreate(mapping.arn);
    expect(await failuresNow()).toEqual([]);
    const { changes } = await preview(await startRun(), mapping, stored);
    expect(changes).toBe(false);
    expect(aws.calls.filter(({ service }) => service === "iam")).toEqual([]);
  });

  it("needs the role's ARN of now, if the program has that of before", async () => {
    const mapping = given("moved", role("old/moved"));
    const { aws, failuresNow } = await world(mapping);
    aws.principals.delete(mapping.arn);
    aws.principals.create(role("new/moved"));
    expect(await failuresNow()).toEqual([
      [
        "arn",
        `arn "${role("old/moved")}" does not exist any more, so that its access entry lets nobody in; IAM has "${role("new/moved")}" now; give that ARN`,
      ],
    ]);
  });

  it("is made with the role's ARN of now, if the program gives none with a path", async () => {
    const mapping = given("moved", role("moved"));
    const { aws, stored, failuresNow } = await world(mapping, role("old/moved"));
    expect(await failuresNow()).toEqual([]);
    aws.principals.delete(role("old/moved"));
    aws.principals.create(role("new/moved"));
    const provider = await startRun();
    const { inputs, failures } = await preview(provider, mapping, stored);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ drift: { accessEntry: dead } });
    await provider.update(stored.id, stored.outs, inputs);
    expect(aws.entries("prod").map(({ principalArn }) => principalArn)).toEqual([role("new/moved")]);
  });

  it("is not dead if it was made in the same second", async () => {
    const mapping = given("quick", role("quick"));
    const { aws, stored } = await world(mapping);
    const createdAt = aws.entry("prod", mapping.arn)?.createdAt ?? 0;
    for (const [second, changes] of [
      [createdAt, false],
      [createdAt + 1_000, true],
    ] as const) {
      aws.principals.delete(mapping.arn);
      Object.assign(aws.principals.create(mapping.arn), { createDate: second });
      expect(await preview(await startRun(), mapping, stored)).toMatchObject({ failures: [], changes });
    }
  });

  it("with another type, which somebody else made, is not deleted", async () => {
    const mapping = given("typed", role("typed"));
    const { api, failuresNow } = await world(mapping);
    await api.delete(mapping.arn);
    await api.create(says({ principalArn: mapping.arn, type: "EC2_LINUX" }), {});
    const [failure] = await failuresNow();
    expect(failure).toEqual(["arn", expect.stringContaining("has an access entry already; it says type EC2_LINUX; ")]);
  });
});
