import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, onTestFinished, vi } from "vitest";
import { resolveClusterRef, stateOf } from "../../../provider/cluster/index.ts";
import { unknownValue } from "../../../provider/engine/unknownValue.ts";
import type { Progresses } from "../../../provider/lifecycle/clusterProgress.ts";
import { Run } from "../../../provider/lifecycle/run.ts";
import type { Properties } from "../../../provider/lifecycle/state.ts";
import { tellAccess } from "../../../provider/plugin/accessPreview.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { kubeconfigOf, settingsOf, temporaryDirectory } from "../cluster/support.ts";

const roleArn = (name: string) => `arn:aws:iam::111122223333:role/${name}`;
const cluster = { manifest: "aws-auth.yaml" };
const admin = { cluster, arn: roleArn("admin"), username: "admin", groups: ["system:masters"] };
const guest = { cluster, arn: roleArn("guest"), username: "guest" };

/** Tells of changes of a run one after the other, and gives what each of them said. */
async function teller(config: Readonly<Record<string, string>> = {}, data: Readonly<Record<string, string>> = {}) {
  const cwd = await temporaryDirectory();
  const mapRoles = `- rolearn: ${admin.arn}\n  username: admin\n  groups:\n    - system:masters\n`;
  await writeFile(join(cwd, "aws-auth.yaml"), manifestOf({ mapRoles, ...data }));
  const settings = settingsOf({ cwd, config });
  const run = new Run();
  run.settings = settings;
  const progresses: Progresses = { clusters: new Map(), sessionOf: (ref) => run.session(ref) };
  const printed = vi.spyOn(console, "error").mockImplementation(() => undefined);
  onTestFinished(() => printed.mockRestore());
  const tell = async (name: string, news: Properties, olds?: Properties) => {
    printed.mockClear();
    await tellAccess(
      { urn: `urn:pulumi:test::test::${cwd}::${name}`, olds, news, ignoreChanges: [] },
      settings,
      progresses,
    );
    return printed.mock.calls.flat().join("\n");
  };
  return { cwd, settings, run, tell };
}

it("tells of each change what it adds to those before", async () => {
  const { tell } = await teller();
  const dev = { cluster, arn: roleArn("dev"), username: "dev", noDuplicateARNs: false };
  expect(await tell("dev", { ...dev, groups: ["viewers"] })).toContain(
    'info: access on manifest "aws-auth.yaml" after this update:\n  + role/dev  gains  group viewers',
  );
  const second = await tell("other", { ...dev, groups: ["editors"] });
  expect(second).toContain("  ~ role/dev  gains  group editors;  loses  group viewers");
  expect(second).not.toContain("role/admin");
});

it("keeps what a mapping before this one has come to, where a list of roles moves up", async () => {
  const team = (name: string) => ({ cluster, arn: roleArn(name), username: "team", groups: ["system:masters"] });
  const mapRoles = JSON.stringify(["a", "b", "c"].map((name) => ({ rolearn: roleArn(name), ...team(name) })));
  const { tell } = await teller({ "aws-auth:lockoutProtection": "error" }, { mapRoles });
  expect(await tell("first", team("b"), team("a"))).toMatch(/- role\/a {2}loses {2}everything/);
  expect(await tell("second", team("c"), team("b"))).toContain("stays as it is");
});

it("counts what others of the map decide about whom a change is for", async () => {
  const { tell } = await teller({}, { mapAccounts: '["111122223333"]\n' });
  expect(await tell("admin", guest, admin)).toMatch(/~ role\/admin .*loses {2}everything.*username/s);
  const { tell: tellOfAccount } = await teller();
  expect(await tellOfAccount("all", { cluster, account: "111122223333" })).toContain(
    "+ account 111122223333  gains  what every authenticated user has",
  );
});

it("refuses a change that locks somebody out, where the settings say so, and warns otherwise", async () => {
  const warning = await teller();
  expect(await warning.tell("admin", guest, admin)).toMatch(/warning: IdentityMapping "admin": .*system:masters/s);
  const refusing = await teller({ "aws-auth:lockoutProtection": "error", "aws-auth:accessSummary": "off" });
  await expect(refusing.tell("admin", guest, admin)).rejects.toMatchObject({
    code: "lockout",
    message: expect.stringContaining('"admin"'),
  });
});

it("names what is not known yet, and breaks no preview where the map cannot be read", async () => {
  const { tell } = await teller();
  expect(await tell("late", { ...admin, groups: [unknownValue] })).toContain("not known before the update: late");
  const unreadable = await teller();
  await mkdir(join(unreadable.cwd, "directory.yaml"));
  expect(await unreadable.tell("dev", { ...guest, cluster: { manifest: "directory.yaml" } })).toBe("");
});

it("tells from the map that the run has read", async () => {
  const server = await startApiServer({ mapRoles: "[]\n" });
  const { run, settings, tell } = await teller();
  const ref = await resolveClusterRef({ kubeconfig: kubeconfigOf({ here: server.url }) }, settings);
  await (await run.session(ref)).document();
  expect(await tell("guest", { ...guest, cluster: stateOf(ref) })).toContain("role/guest");
  expect(server.requests.filter(({ line }) => line.includes("/configmaps/aws-auth"))).toHaveLength(1);
});
