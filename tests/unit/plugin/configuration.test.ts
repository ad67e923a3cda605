import { createRequire } from "node:module";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { struct } from "../../../provider/engine/properties.ts";
import { diffConfig } from "../../../provider/plugin/configuration.ts";
import { unfolded } from "../../support/unfolded.ts";

const { DiffRequest }: typeof import("@pulumi/pulumi/proto/provider_pb.js") = createRequire(import.meta.url)(
  "@pulumi/pulumi/proto/provider_pb",
);

/** What the plugin says of a change of a provider's settings. */
function diffOf(olds: Settings, news: Settings) {
  return diffConfig(new DiffRequest().setOldInputs(struct(olds, [])).setNews(struct(news, [])));
}

type Settings = Readonly<Record<string, unknown>>;

it("settings are the same in whatever order the engine writes their fields", async () => {
  const changes = async (olds: object, news: object) =>
    (await diffOf({ cluster: olds }, { cluster: news })).getDiffsList();
  expect(await changes({ name: "a", region: "b" }, { region: "b", name: "a" })).toEqual([]);
  expect(await changes({ name: "a", region: "b" }, { region: "c", name: "a" })).toEqual(["cluster"]);
});

describe("a change of a provider's settings", () => {
  const kubeconfig = (...servers: (string | object)[]) => {
    const clusters = servers.map((server) => (typeof server === "string" ? { server } : server));
    const names = servers.map((_, index) => `c${index}`);
    return JSON.stringify({
      "current-context": "c0",
      contexts: names.map((name) => ({ name, context: { cluster: name, user: "it" } })),
      clusters: names.map((name, index) => ({ name, cluster: clusters[index] })),
      users: [{ name: "it", user: { token: "t" } }],
    });
  };
  const [first, second] = ["https://a.example.com", "https://b.example.com"];
  const one = { kubeconfig: kubeconfig(first) };
  const two = { kubeconfig: kubeconfig(first, second, `${first}/`) };
  const proxied = (proxy: string) => ({ server: first, "proxy-url": proxy });
  const [p, q] = [proxied("http://me:a@p"), proxied("http://q")];
  const eks = { cluster: "prod", region: "eu-central-1" };
  const arn = (account: string) => ({ cluster: `arn:aws:eks:eu-central-1:${account}:cluster/prod` });
  const unknown = "04da6b54-80e4-46f7-96ec-b56ff0331ba9";

  it.each<[title: string, olds: Settings, news: Settings, replaces: readonly string[]]>([
    ["another API server", one, { kubeconfig: kubeconfig(second) }, ["kubeconfig"]],
    ["another context, of another API server", two, { ...two, context: "c1" }, ["context"]],
    ["another proxy to the same URL", { kubeconfig: kubeconfig(p) }, { kubeconfig: kubeconfig(q) }, ["kubeconfig"]],
    [
      "a context with a proxy",
      { ...one, context: "c0" },
      { kubeconfig: kubeconfig(first, p), context: "c1" },
      ["kubeconfig", "context"],
    ],
    [
      "another TLS server name",
      one,
      { kubeconfig: kubeconfig({ server: first, "tls-server-name": "x" }) },
      ["kubeconfig"],
    ],
    ["another name", eks, { ...eks, cluster: "test" }, ["cluster"]],
    ["another region", eks, { ...eks, region: "eu-west-1" }, ["region"]],
    ["another account", arn("111122223333"), arn("444455556666"), ["cluster"]],
    ["another manifest", { manifest: "a.yaml" }, { manifest: "b.yaml" }, ["manifest"]],
    ["another kind of cluster", eks, { ...one, region: eks.region }, ["cluster", "kubeconfig"]],
  ])("to %s replaces the provider", async (_title, olds, news, replaces) => {
    expect((await diffOf(olds, news)).getReplacesList()).toEqual(replaces);
  });

  it("to what is not known yet replaces the provider in the preview, which says what the update does", async () => {
    const said = vi.spyOn(console, "error").mockReturnValue();
    onTestFinished(() => said.mockRestore());
    expect((await diffOf(one, { kubeconfig: unknown })).getReplacesList()).toEqual(["kubeconfig"]);
    expect(unfolded(said.mock.calls.join())).toBe(
      "info: kubeconfig not known yet: this preview replaces the provider and its mappings; the update does so only if they lead to another cluster",
    );
  });

  it.each<[title: string, olds: Settings, news: Settings]>([
    ["the same API server in another kubeconfig", one, two],
    ["another context of the same API server", two, { ...two, context: "c2" }],
    [
      "other credentials for the same proxy",
      { kubeconfig: kubeconfig(p) },
      { kubeconfig: kubeconfig(proxied("http://p")) },
    ],
    ["the ARN of the same cluster", eks, arn("111122223333")],
    ["another way to the same cluster", eks, { ...eks, profile: "other", roleArn: "arn:aws:iam::111122223333:role/x" }],
    ["another path of the same manifest", { manifest: "a.yaml" }, { manifest: "./a.yaml" }],
    ["a default cluster where there was none", {}, eks],
    ["no default cluster", eks, {}],
    ["what cannot be used", one, { kubeconfig: "gone.yaml" }],
  ])("to %s replaces nothing", async (_title, olds, news) => {
    const response = await diffOf(olds, news);
    expect(response.getReplacesList()).toEqual([]);
    expect(response.getDiffsList()).not.toEqual([]);
  });
});
