import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import * as provider from "../../../provider/index.ts";
import { contextInput, writeContext } from "../../../provider/lifecycle/context.ts";
import { currentRun } from "../../../provider/lifecycle/run.ts";
import { manifestOf } from "../../support/engine/manifest.ts";

const cluster = { manifest: "aws-auth.yaml" };
const arn = "arn:aws:iam::111122223333:role/plain";

describe("what the program marks as secret", () => {
  let directory: string;
  const shown = vi.spyOn(console, "error").mockReturnValue();
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "secrets-"));
    currentRun().settings = { config: () => undefined, env: {}, cwd: directory };
    const mapRoles = [
      `- rolearn: ${arn}\n  username: x\n  groups: [hush-group]\n`,
      `- rolearn: ${arn}-b\n  username: x\n  groups: [viewers]\n`,
    ].join("");
    await writeFile(join(directory, "aws-auth.yaml"), manifestOf({ mapRoles }));
  });
  afterAll(async () => {
    vi.restoreAllMocks();
    await rm(directory, { recursive: true });
  });
  const check = (secrets: readonly string[], given: object) => {
    const urn = "urn:pulumi:dev::project::type::name";
    const context = { urn, label: undefined, ignoreChanges: [], isPreview: true, secrets, prefetch: undefined };
    return provider.check({}, { cluster, ...given, [contextInput]: writeContext(context) });
  };

  it.each<[title: string, secrets: string[], given: object, property: string]>([
    ["an invalid ARN", ["arn"], { arn: "arn:aws:iam::111122223333:hush-kind/x", username: "u" }, ""],
    ["an ARN of a group", ["arn"], { arn: "arn:aws:iam::111122223333:group/hush-name", username: "u" }, ""],
    ["a session", ["arn"], { arn: "arn:aws:sts::111122223333:assumed-role/hush-role/hush-session", username: "u" }, ""],
    ["an account", ["account"], { account: "hush-4444" }, ""],
    ["a username", ["username"], { arn, username: "hush-{{Nothing}}" }, ""],
    ["an account that is no string", ["account"], { account: 444455556666 }, ""],
    ["a username that is no string", ["username"], { arn, username: { name: "hush-user", pin: 4444_5555 } }, ""],
    ["what is no list of groups", ["groups"], { arn, groups: { team: ["hush-group"] } }, ""],
    ["a username in a conflict", ["username"], { arn: `${arn}-b`, username: "hush-user" }, "arn"],
    [
      "a group in a conflict, also where the map has it",
      ["groups"],
      { arn, groups: ["hush-group", "hush-other"] },
      "arn",
    ],
  ])("is in no failure: %s", async (_title, secrets, given, property) => {
    const { failures = [] } = await check(secrets, given);
    expect(failures.map((failure) => failure.property)).toEqual([property]);
    expect(JSON.stringify(failures)).toMatch(/\[secret\]/);
    expect(JSON.stringify(failures)).not.toMatch(/hush|4444/);
    expect(JSON.stringify(shown.mock.calls)).not.toMatch(/hush/);
  });

  it.each<[title: string, secrets: string[], given: object]>([
    ["is secret", ["usernme"], { arn, usernme: "hush-user", groups: ["viewers"] }],
    ["is a kubeconfig", [], { arn, kubeconfig: "apiVersion: v1\nkind: Config\n", groups: ["viewers"] }],
  ])(
    "is in no failure of an input that is none and %s, whose value the engine prints",
    async (_title, secrets, given) => {
      const { failures } = await check(secrets, given);
      expect(failures).toEqual([{ property: "", reason: expect.stringContaining("is not an input") }]);
    },
  );

  it("is not shown in what somebody else has put in its place", async () => {
    const outs = { cluster, arn: `${arn}-b`, username: "hush-user", groups: ["hush-group"] };
    await writeFile(
      join(directory, "changed.yaml"),
      manifestOf({ mapRoles: `- rolearn: ${arn}-b\n  username: hush\n  groups: [hush:rotated]\n` }),
    );
    const at = { manifest: "changed.yaml" };
    const secrets = ["username", "groups"];
    shown.mockClear();
    const urn = "urn:pulumi:dev::project::type::name";
    const context = { urn, label: undefined, ignoreChanges: [], isPreview: true, secrets, prefetch: undefined };
    const given = { ...outs, cluster: at, [contextInput]: writeContext(context) };
    const { inputs, failures } = await provider.check({ ...outs, cluster: at, __secrets: secrets }, given);
    expect(failures).toEqual([]);
    expect(inputs).toMatchObject({ drift: { username: "changed outside Pulumi: [secret] => [secret]" } });
    expect(JSON.stringify(inputs?.["drift"])).not.toMatch(/hush/);
    expect(shown.mock.calls.join().replace(/\s+/g, " ")).toContain("[secret] => [secret]; groups: changed");
    expect(JSON.stringify(shown.mock.calls)).not.toMatch(/hush/);
    await expect(provider.delete("id", { ...outs, cluster: at, __secrets: secrets })).rejects.toMatchObject({
      message: expect.stringMatching(/^(?!.*hush).*\[secret\]/s),
    });
  });

  it("is in no error of a write or a delete", async () => {
    const inputs = { cluster, arn, username: "hush-user", groups: ["hush-group"], __secrets: ["username", "groups"] };
    const hidden = {
      message: expect.stringMatching(/^(?!.*hush).*\[secret\]/s),
      stack: expect.not.stringMatching(/hush/),
    };
    await expect(provider.create(inputs)).rejects.toMatchObject(hidden);
    await expect(provider.update("id", inputs, { ...inputs, groups: ["hush-c"] })).resolves.toBeDefined();
  });

  it("is named by the outputs, and by no ID; where it was not named before, that is no change", async () => {
    const { inputs } = await check(["arn"], { arn: `${arn}-2`, username: "u" });
    expect(inputs).toMatchObject({ __secrets: ["arn"] });
    const [one, other] = [await provider.create({ ...inputs }), await provider.create({ ...inputs })];
    expect(one.outs).toMatchObject({ __secrets: ["arn"] });
    expect(one.id).toMatch(/^manifest:aws-auth.yaml\/secret:[0-9a-f]{12}$/);
    expect(other.id).not.toBe(one.id);
    const { __secrets, ...before } = one.outs ?? {};
    expect(await provider.diff(one.id, before, { ...inputs })).toMatchObject({ changes: false });
    expect((await check([], { arn: `${arn}-3`, username: "u" })).inputs).not.toHaveProperty("__secrets");
  });
});
