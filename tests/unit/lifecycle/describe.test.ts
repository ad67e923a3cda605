import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, it, vi } from "vitest";
import { manifestOf } from "../../support/engine/manifest.ts";
import { unfolded } from "../../support/unfolded.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const arn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const says = (name: string, group: string) => `- rolearn: ${arn(name)}\n  groups: [${group}]\n`;
const rule = "of several entries for one identity the authenticator uses only the last";
const ways =
  "set adopt: true to take the other entry over, remove the other entry, or set noDuplicateARNs: false to have both";

let provider: typeof import("../../../provider/index.ts");
let manifest: string;
beforeEach(async () => {
  vi.resetModules();
  vi.spyOn(console, "error").mockReturnValue();
  provider = await import("../../../provider/index.ts");
  manifest = join(await temporaryDirectory(), "aws-auth.yaml");
});

/** What the checks of several resources, the last of which is in the way, say of it. */
async function problemOf(mapRoles: string, mapUsers: string, ...given: readonly object[]): Promise<string> {
  await writeFile(manifest, manifestOf({ mapRoles, mapUsers }));
  const checks = [];
  for (const [index, inputs] of given.entries()) {
    const context = JSON.stringify({ urn: `urn:pulumi:test::test::t::${"ab"[index]}`, isPreview: true });
    checks.push(await provider.check({}, { cluster: { manifest }, ...inputs, __context: context }));
  }
  const [failure] = checks.at(-1)?.failures ?? [];
  return unfolded(failure?.reason ?? "").replace(manifest, "FILE");
}

it("a conflict names the map, what is there, what is wanted, which entry counts, and the ways on", async () => {
  expect(await problemOf(says("x", "a") + says("Dev", "viewers"), "", { arn: arn("dev"), groups: ["ops"] })).toBe(
    `arn "${arn("dev")}" is already mapped in manifest "FILE"; mapRoles entry 2 says no username, groups ["viewers"], for "${arn("Dev")}"; this resource says no username, groups ["ops"]; ${rule}, which would be this resource's; ${ways}`,
  );
});

it("a conflict gives the true place of the entry that counts", async () => {
  const user = "arn:aws:iam::111122223333:user/dev";
  const roles = `- rolearn: ${user}\n  username: r\n`;
  expect(await problemOf(roles, "", { arn: user, username: "u" })).toContain(`${rule}, which is mapRoles entry 1; `);
});

it("an entry that nobody ever matches maps nobody, and is in the way", async () => {
  expect(await problemOf(says("eng/dev", "viewers"), "", { arn: arn("dev"), groups: ["ops"] })).toBe(
    `arn "${arn("dev")}" is not mapped in manifest "FILE", but has an entry there that never matches; mapRoles entry 1 says no username, groups ["viewers"], for "${arn("eng/dev")}", whose role path never matches; this resource says no username, groups ["ops"]; ${ways}`,
  );
});

it("an entry that nobody ever matches beside the resource's own is in the way of a mapped identity", async () => {
  const both = says("eng/dev", "viewers") + says("dev", "ops");
  expect(await problemOf(both, "", { arn: arn("dev"), groups: ["ops"] })).toBe(
    `arn "${arn("dev")}" is mapped in manifest "FILE", and has another entry there that never matches; mapRoles entry 1 says no username, groups ["viewers"], for "${arn("eng/dev")}", whose role path never matches; this resource says no username, groups ["ops"]; ${ways}`,
  );
});

it("two resources for one identity are told with both spellings, and once where these are the same", async () => {
  const [same, other] = [
    { arn: arn("dev"), username: "a" },
    { arn: arn("Dev"), username: "b" },
  ];
  expect(await problemOf("", "", same, other)).toBe(
    `arn "${arn("Dev")}" is mapped by two resources of this program, "a" and "b"; "a" says arn "${arn("dev")}", which is the same identity; ${rule}; keep one of the two, or set noDuplicateARNs: false on both`,
  );
  expect(await problemOf("", "", same, { ...same, username: "c" })).toBe(
    `arn "${arn("dev")}" is mapped by two resources of this program, "a" and "b"; ${rule}; keep one of the two, or set noDuplicateARNs: false on both`,
  );
});

it("an identical entry is told once for each resource and run", async () => {
  vi.mocked(console.error).mockClear();
  await problemOf(says("dev", "viewers"), "", { arn: arn("dev"), groups: ["viewers"] });
  await problemOf(says("dev", "viewers"), "", { arn: arn("dev"), groups: ["viewers"] });
  const told = vi.mocked(console.error).mock.calls.map(([text]) => unfolded(String(text)));
  expect(told).toEqual([
    `info: arn "${arn("dev")}" already has an identical entry (mapRoles entry 1); importing it into the state, the entry stays as it is`,
  ]);
});

it("an adoption that changes nothing but an ARN that never matched shows the content once", async () => {
  await writeFile(manifest, manifestOf({ mapRoles: says("eng/dev", "ops") }));
  const given = { cluster: { manifest }, arn: arn("dev"), groups: ["ops"], adopt: true };
  const { inputs } = await provider.check(
    {},
    { ...given, __context: JSON.stringify({ urn: "urn:pulumi:test::test::t::a", isPreview: true }) },
  );
  expect(inputs.adoption).toEqual({
    "mapRoles entry 1": `no username, groups ["ops"]; its ARN "${arn("eng/dev")}", which never matches, becomes "${arn("dev")}", so that it starts to give access`,
  });
});
