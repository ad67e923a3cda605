import { setTimeout } from "node:timers/promises";
import { describe, expect, it, vi } from "vitest";
import { sample } from "../../support/nightly.ts";
import { unfolded } from "../../support/unfolded.ts";
import { type EntriesWorld, entriesWorld } from "../cluster/eks/entriesWorld.ts";
import { create, createIn, type Given, type Provider, preview, rolesTo, type Stored, startRun } from "./entryStack.ts";

const { arn } = rolesTo(1, [])[0] ?? { arn: "" };

/** The same mapping in a stack of this name. */
function inStack(stack: string, groups = ["viewers"]): Given {
  return { name: "dev", arn, groups, stack };
}

async function world(): Promise<EntriesWorld> {
  const made = await entriesWorld("API_AND_CONFIG_MAP");
  made.aws.principals.create(arn);
  made.clock.behind -= 30_000;
  return made;
}

/** Deletes a mapping in a run of its own. */
async function leave({ id, outs }: Stored): Promise<void> {
  await (await startRun()).delete(id, outs);
}

/** Runs that go on at the same time, each of which has loaded all its code and read the entry. */
async function runs(number: number, { id, outs }: Stored): Promise<readonly Provider[]> {
  const started: Provider[] = [];
  while (started.length < number) {
    const provider = await startRun();
    await provider.read(id, { ...outs });
    started.push(provider);
  }
  return started;
}

const entryIn = ({ aws }: EntriesWorld) => aws.entry("prod", arn);

/** What is said meanwhile. */
async function heard(act: () => Promise<unknown>): Promise<string> {
  const told = vi.spyOn(console, "error").mockReturnValue();
  try {
    await act();
    return unfolded(told.mock.calls.join("\n"));
  } finally {
    told.mockRestore();
  }
}

describe("an access entry that two stacks want, and that EKS shows late,", () => {
  it("stays when one hands it over to the other", async () => {
    const at = await world();
    at.aws.behaviour.lag = { milliseconds: 300 };
    const old = await create(inStack("old"));
    // What it knows of the entry is older than what the other writes.
    const [leaving] = await runs(1, old);
    await create(inStack("new"));
    await leaving?.delete(old.id, old.outs);
    expect(Object.values(entryIn(at)?.tags ?? {})).toEqual(["organization/infra/new dev"]);
  });

  it.each(sample([300, 0, 100, 200, 400, 500]))(
    "stays when one comes %i ms after the other begins to go",
    async (delay) => {
      const at = await world();
      const old = await create(inStack("old"));
      const [leaving, coming] = await runs(2, old);
      at.aws.behaviour.lag = { milliseconds: 300 };
      await Promise.all([
        leaving?.delete(old.id, old.outs),
        coming && setTimeout(delay).then(() => createIn(coming, inStack("new"))),
      ]);
      expect(Object.values(entryIn(at)?.tags ?? {})).toEqual(["organization/infra/new dev"]);
    },
  );

  it.each(sample([0, 150]))("goes when both go, %i ms apart", async (delay) => {
    const at = await world();
    const [one, two] = [await create(inStack("one")), await create(inStack("two"))];
    const [first, second] = await runs(2, one);
    at.aws.behaviour.lag = { milliseconds: 300 };
    await Promise.all([
      first?.delete(one.id, one.outs),
      setTimeout(delay).then(() => second?.delete(two.id, two.outs)),
    ]);
    expect(entryIn(at)).toBeUndefined();
  });
});

it("who shares it is told to a new stack, as in aws-auth", async () => {
  await world();
  const [first, second] = [await heard(() => create(inStack("one"))), await heard(() => create(inStack("two")))];
  expect(first).not.toContain("identical");
  expect(second).toContain(
    `info: arn "${arn}" already has an identical access entry, which "organization/infra/one dev" wants as well; it is shared from now on, and removed with the last resource that wants it`,
  );
});

it("one that nobody claims is told of, and that it stays", async () => {
  const at = await world();
  at.aws.addServiceEntry("prod", arn, { type: "STANDARD", username: "dev-user", groups: ["viewers"] });
  expect(await heard(() => create(inStack("one")))).toContain(
    `info: arn "${arn}" already has an identical access entry; importing it into the state, the entry stays as it is`,
  );
});

it("whose claims are gone goes with a warning, as in aws-auth", async () => {
  const at = await world();
  const [one] = [await create(inStack("one")), await create(inStack("two"))];
  const entry = await at.api.read(arn);
  await at.api.untag(entry?.arn ?? "", Object.keys(entry?.tags ?? {}));
  expect(await heard(() => leave(one))).toContain(
    `warning: the access entry of arn "${arn}" was deleted although the tag of its claim is missing, as after a delete that failed; other stacks that want it`,
  );
  expect(entryIn(at)).toBeUndefined();
});

it("names in a preview from whom it is taken over, as in aws-auth", async () => {
  await world();
  await create(inStack("one"));
  const urn = "urn:pulumi:two::infra::t::dev";
  const context = JSON.stringify({ urn, label: "organization/infra/two dev", isPreview: true });
  const given = { arn, username: "dev-user", groups: ["editors"], adopt: true, __context: context };
  const provider = await startRun();
  const told = await heard(async () => {
    const { inputs } = await provider.check({}, given);
    expect(inputs).toMatchObject({
      adoption: { "access entry": expect.stringContaining(', taken from "organization/infra/one dev"') },
    });
  });
  expect(told).toContain('groups ["editors"], taken from "organization/infra/one dev"');
});

it("a claim that is gone is told and made again, with which the entry stays when another stack goes", async () => {
  const at = await world();
  const [one, two] = [await create(inStack("one")), await create(inStack("two"))];
  const entry = await at.api.read(arn);
  await at.api.untag(entry?.arn ?? "", Object.keys(entry?.tags ?? {}));
  const provider = await startRun();
  const told = await heard(async () => {
    const { changes, inputs } = await preview(provider, inStack("one"), one, false);
    expect(changes).toBe(true);
    await provider.update(one.id, one.outs, inputs);
  });
  expect(told).toContain("its tag was removed from the access entry");
  await leave(two);
  expect(entryIn(at)?.tags).toEqual({ [`pulumi-aws-auth/claims/${idIn(one.outs)}`]: "organization/infra/one dev" });
});

function idIn(outs: Readonly<Record<string, unknown>>): string {
  return String(outs["__claim"]).replace(/:.*/, "");
}

it("needs no API server to come and go", async () => {
  const at = await world();
  at.aws.removeCluster("prod");
  at.aws.addCluster({ name: "prod", authenticationMode: "API_AND_CONFIG_MAP" });
  const told = await heard(async () => {
    const stored = await create(inStack("prod"));
    expect(entryIn(at)).toBeDefined();
    await leave(stored);
  });
  expect(entryIn(at)).toBeUndefined();
  expect(told).toContain("access entries are compared with each other alone");
});

describe("a stack of the same name in another backend", () => {
  it("is told of a claim under its name, and leaves that beside its own", async () => {
    const at = await world();
    const one = await create(inStack("prod"));
    const told = await heard(() => create(inStack("prod")));
    expect(told).toContain("is claimed already under the name of this resource");
    expect(Object.keys(entryIn(at)?.tags ?? {})).toHaveLength(2);
    // What came later stays, which a destroy says.
    expect(await heard(() => leave(one))).toContain('stays: "organization/infra/prod dev" wants it');
    expect(entryIn(at)).toBeDefined();
  });

  it("says what else went with its delete", async () => {
    const at = await world();
    await create(inStack("prod"));
    const told = await heard(async () => leave(await create(inStack("prod"))));
    expect(told).toContain('under the name of this resource, "organization/infra/prod dev", was removed with this one');
    expect(entryIn(at)).toBeUndefined();
  });
});

it("an entry without its policies is finished by the next run", async () => {
  const at = await world();
  const administrator = inStack("prod", ["system:masters"]);
  at.aws.before = ({ operation }) =>
    /^(?:AssociateAccessPolicy|DeleteAccessEntry)$/.test(operation) ? "cut" : undefined;
  await expect(heard(() => create(administrator, "API"))).rejects.toThrow();
  expect(entryIn(at)?.policies).toEqual([]);
  at.aws.before = undefined;
  await heard(() => create(administrator, "API"));
  expect(entryIn(at)).toMatchObject({ policies: [{ policyArn: expect.stringContaining("ClusterAdmin") }] });
  expect(Object.keys(entryIn(at)?.tags ?? {})).toHaveLength(1);
});
