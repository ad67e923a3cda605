import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it, vi } from "vitest";
import { stemOf } from "../../../provider/claims.ts";
import { propertyChanges } from "../../../provider/plugin/detailedDiff.ts";
import { handlers } from "../../../provider/plugin/handlers.ts";
import { ignoredSinceUpdate } from "../../../provider/plugin/resources.ts";
import { startApiServer } from "../../support/cluster/apiServer.ts";
import { kubeconfigOf, temporaryDirectory } from "../../support/cluster/kubeconfigs.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { captureMessages } from "../../support/lifecycle/stack.ts";
import { Engine, outputValue, urnOf } from "../../support/plugin/pluginRun.ts";

const arn = "arn:aws:iam::111122223333:role/dev";

async function clusterWith(data: Readonly<Record<string, string>>, claims: readonly string[] = []) {
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  await writeFile(manifest, manifestOf(data, claims));
  return { manifest };
}

it("assigns a new claim to a replacement, since its second check has no state", async () => {
  const cluster = await clusterWith({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });
  const engine = Engine.of(handlers());
  const outs = { cluster, arn, username: "dev", __claim: "abcdefgh.123456" };
  const kept = { id: `manifest:${cluster.manifest}/${arn}`, inputs: outs, outs };
  const news = { cluster, arn: arn.replace("dev", "moved"), username: "dev" };
  const { inputs } = await engine.check("dev", news, kept);
  expect(inputs["__claim"]).toMatch(/^\w{8}\.123456$/);
  expect((await engine.diff("dev", kept, inputs)).replaces).toEqual(["arn"]);
  const { __claim } = (await engine.check("dev", news)).inputs;
  expect(__claim).toMatch(/^[0-9a-z]{8}\.[0-9a-z]{6}$/);
  expect(__claim).not.toContain(".123456");
});

it("prints the gained access only once the run is known to be a preview, and writes nothing", async () => {
  const messages: string[] = [];
  captureMessages(messages);
  const cluster = await clusterWith({});
  const engine = Engine.of(handlers());
  const given = { cluster, arn, username: "dev", groups: ["viewers"] };
  const { inputs } = await engine.check("dev", given);
  expect(messages.filter((line) => line.includes("gains"))).toEqual([]);
  const planned = await engine.ask("create", { urn: urnOf("dev"), preview: true, properties: inputs });
  expect(messages).toContainEqual(expect.stringContaining("role/dev: gains group viewers"));
  expect([planned.getId(), planned.getProperties()?.toJavaScript()]).toEqual(["", expect.objectContaining(given)]);
  expect(await readFile(cluster.manifest, "utf8")).toBe(manifestOf({}));
  vi.restoreAllMocks();
});

const claimed = { __claim: `${stemOf(undefined, urnOf("dev"))}.123456` };
it.each([
  ["claims the entry in aws-auth", claimed, []],
  ["adds the entry in aws-auth", claimed, [], {}],
  ["stores the ID of its claim", {}, [`111122223333:role/dev ${claimed.__claim} test/test dev`]],
])(
  "prints that an update without a changed property %s",
  async (what, more, claims, data?: Readonly<Record<string, string>>) => {
    const messages: string[] = [];
    captureMessages(messages);
    const cluster = await clusterWith(data ?? { mapRoles: `- rolearn: ${arn}\n  username: dev\n` }, claims);
    const engine = Engine.of(handlers());
    const inputs = { cluster, arn, username: "dev" };
    const stored = {
      id: `manifest:${cluster.manifest}/${arn}`,
      inputs: { ...inputs, ...claimed },
      outs: { ...inputs, ...more },
    };
    const { inputs: news } = await engine.check("dev", inputs, stored);
    expect((await engine.diff("dev", stored, news)).changes).toBe(true);
    expect(messages).toContain(`info: no properties change; the update ${what}`);
    vi.restoreAllMocks();
  },
);

it.each([
  [["groups"], {}, ["groups"]],
  [["groups"], { username: "x" }, ["groups"]],
  [["groups[0]", "username"], { groups: ["x"] }, ["username"]],
  [["*"], {}, ["*"]],
  [["*"], { adopt: true }, []],
])("returns the properties of %j that are still ignored after a change to %j", (ignored, change, expected) => {
  const olds = { username: "dev", groups: ["viewers"] };
  expect(ignoredSinceUpdate({ __ignored: ignored }, olds, { ...olds, ...change })).toEqual(expected);
});

const stored = {
  cluster: { name: "prod", region: "eu-central-1", account: "111122223333" },
  arn: "arn:aws:iam::111122223333:role/dev",
  username: "dev",
  groups: ["a", "b", "c"],
};

const lines = (news: object, replaces: readonly string[] = []) =>
  propertyChanges(stored, { ...stored, ...news }, replaces).map(([path, kind]) =>
    `${path} ${kind.toLowerCase()}`.replace("_replace", " replacing"),
  );

it("lists added, updated and deleted properties", () => {
  expect(lines({ username: "developer", adopt: true, groups: undefined })).toEqual([
    "username update",
    "groups delete",
    "adopt add",
  ]);
});

it.each([
  [["a", "x", "c"], ["groups[1] update"]],
  [["a"], ["groups[1] delete", "groups[2] delete"]],
  [["x", "a", "b", "c"], ["groups[0] add"]],
  [["c", "b", "a"], []],
  [
    ["b", "c", "x", "y"],
    ["groups[0] delete", "groups[2] add", "groups[3] add"],
  ],
])("compares groups as a set: %j", (groups, expected) => {
  expect(lines({ groups })).toEqual(expected);
});

it("shows unknown groups as one property", () => {
  expect(lines({ groups: "04da6b54-80e4-46f7-96ec-b56ff0331ba9" })).toEqual(["groups update"]);
});

it("shows the connection of a cluster, and its identity only if that replaces the mapping", () => {
  const { account: _account, ...unsure } = stored.cluster;
  expect(lines({ cluster: { ...unsure, profile: "ops" } })).toEqual(["cluster.profile add"]);
  expect(lines({ cluster: { ...stored.cluster, name: "test" } }, ["cluster"])).toEqual([
    "cluster.name update replacing",
  ]);
  expect(lines({ cluster: { manifest: "aws-auth.yaml" } }, ["cluster"])).toEqual([
    "cluster.name delete replacing",
    "cluster.region delete replacing",
    "cluster.account delete replacing",
    "cluster.manifest add replacing",
  ]);
});

const on = (server: string, token?: string) => ({ kubeconfig: kubeconfigOf({ aws: server }, { token }) });
const prod = { cluster: "prod", region: "eu-central-1" };
it.each([
  ["another kubeconfig with the same context name", on("https://a"), on("https://b"), ["kubeconfig"]],
  ["another token", on("https://a", "old"), on("https://a", "new"), []],
  ["a kubeconfig that is not known yet", on("https://a"), { kubeconfig: outputValue({}) }, []],
  ["an EKS cluster instead of a kubeconfig", on("https://a"), prod, ["cluster", "region", "kubeconfig"]],
  ["another EKS cluster", prod, { ...prod, cluster: "test" }, []],
])("compares a provider with %s", async (_title, olds, news, replaces) => {
  const response = await Engine.of(handlers()).ask("diffConfig", { olds, news });
  expect(response.getReplacesList()).toEqual(replaces);
});

it("moves a mapping to the cluster of its new provider, because the engine deletes it with the old one", async () => {
  const engine = Engine.of(handlers());
  await engine.ask("configure", { args: on((await startApiServer({})).url) });
  const given = { arn, username: "dev" };
  const stored = { ...given, cluster: { server: "0123456789abcdef", context: "aws" }, __claim: "abcdefgh.123456" };
  const before = { id: `server:0123456789abcdef/${arn}`, inputs: stored, outs: stored };
  const { inputs, failures } = await engine.check("dev", given, before);
  expect([failures, (await engine.diff("dev", before, inputs)).replaces]).toEqual([[], ["cluster"]]);
  await engine.ask("configure", { args: {} });
});
