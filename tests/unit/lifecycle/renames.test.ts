import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/ownership/index.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const label = "shared a";

let provider: typeof import("../../../provider/index.ts");
let manifest: string;
beforeEach(async () => {
  vi.spyOn(console, "error").mockReturnValue();
  manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  await writeFile(manifest, manifestOf({ mapRoles: "[]\n" }));
  await startRun();
});

async function startRun(): Promise<void> {
  vi.resetModules();
  provider = await import("../../../provider/index.ts");
}

const map = () => readFile(manifest, "utf8");

/** Checks a resource of this URN, as the engine does. */
async function check(urn: string, olds: object, given: object, name = label): Promise<object> {
  const __context = JSON.stringify({ urn, label: name, stem: stemOf("o", urn) });
  const { inputs, failures = [] } = await provider.check({ ...olds }, { cluster: { manifest }, ...given, __context });
  expect(failures).toEqual([]);
  return inputs;
}

it.each([
  ["its own, moved into a component", "urn:pulumi:prod::infra::c$t::a"],
  ["another stack's, with the same aws-auth:owner", "urn:pulumi:prod::apps::t::a"],
])("a label says nothing: the claim of %s, stays, and nothing was there before", async (_title, urn) => {
  const given = { arn: arn("x"), username: "x" };
  const old = await provider.create({ ...(await check("urn:pulumi:prod::infra::t::a", {}, given)) });
  await startRun();
  const other = await provider.create({ ...(await check(urn, {}, given)) });
  const told = vi.mocked(console.error).mock.calls.flat().join("\n");
  expect(told).not.toMatch(/under the name\s+of this resource/);
  expect((await map()).match(/ shared a$/gm)).toHaveLength(2);
  expect(await map()).not.toContain(":found");
  await startRun();
  await provider.delete(old.id, { ...old.outs });
  expect(await map()).toContain("username: x");
  await startRun();
  await provider.delete(other.id, { ...other.outs });
  expect(await map()).not.toContain("username: x");
});

it("two resources swap their ARNs in one run", async () => {
  const resources = [
    { urn: "urn:pulumi:prod::infra::t::a", name: "o/infra/prod a", now: "x", next: "y" },
    { urn: "urn:pulumi:prod::infra::t::b", name: "o/infra/prod b", now: "y", next: "x" },
  ];
  const givenTo = (role: string, username: string) => ({ arn: arn(role), username });
  const states = [];
  for (const { urn, name, now } of resources) {
    states.push(await provider.create({ ...(await check(urn, {}, givenTo(now, now), name)) }));
  }
  await startRun();
  const replaced = [];
  for (const [index, { urn, name, now, next }] of resources.entries()) {
    const { id = "", outs = {} } = states[index] ?? {};
    const given = givenTo(next, `was-${now}`);
    const inputs = await check(urn, outs, given, name);
    expect(await provider.diff(id, outs, { ...inputs })).toMatchObject({ replaces: ["arn"] });
    // The engine calls check a second time, without the state.
    replaced.push({ ...(await check(urn, {}, given, name)) });
  }
  for (const inputs of replaced) {
    await provider.create(inputs);
  }
  for (const { id, outs } of states) {
    await provider.delete(id, { ...outs });
  }
  const entries = (await map()).matchAll(/rolearn: .*role\/(\w)\n +username: (.*)/g);
  expect(Array.from(entries, ([, role, username]) => `${role}: ${username}`)).toEqual(["y: was-x", "x: was-y"]);
});
