import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import { expect, it, vi } from "vitest";
import { PluginRun } from "../../../provider/plugin/messages.ts";
import { check, create, diff } from "../../../provider/plugin/resources.ts";
import { receive, struct } from "../../../provider/pulumi/properties.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { hear } from "../../support/hear.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { CheckRequest, CreateRequest, DiffRequest }: typeof protocol = load("@pulumi/pulumi/proto/provider_pb");

const arn = "arn:aws:iam::111122223333:role/dev";
const urn = "urn:pulumi:prod::shop::aws-auth:index:IdentityMapping::dev";

async function manifestWith(data: Readonly<Record<string, string>>): Promise<string> {
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  await writeFile(manifest, manifestOf(data));
  return manifest;
}

it("gives a replacement a claim of its own, since its second check has no state", async () => {
  const manifest = await manifestWith({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` });
  const run = new PluginRun();
  const olds = { cluster: { manifest }, arn, username: "dev", __claim: "abcdefgh.123456" };
  const news = { cluster: { manifest }, arn: arn.replace("dev", "moved"), username: "dev" };
  const checked = async (state: object) => {
    const request = new CheckRequest()
      .setUrn(urn)
      .setOlds(struct({ ...state }, []))
      .setNews(struct(news, []));
    return (await check(run, request)).getInputs();
  };
  const first = await checked(olds);
  expect(receive(first).values["__claim"]).toBe("abcdefgh.123456");
  const id = `manifest:${manifest}/${arn}`;
  const request = new DiffRequest().setUrn(urn).setId(id).setOlds(struct(olds, [])).setNews(first);
  expect((await diff(run, request)).getReplacesList()).toEqual(["arn"]);
  const { __claim } = receive(await checked({})).values;
  expect(__claim).toMatch(/^[0-9a-z]{8}\.[0-9a-z]{6}$/);
  expect(__claim).not.toBe("abcdefgh.123456");
});

it("prints what a mapping gives once it is known that the run is a preview", async () => {
  const told: string[] = [];
  hear(told);
  const manifest = await manifestWith({});
  const run = new PluginRun();
  const news = struct({ cluster: { manifest }, arn, username: "dev", groups: ["viewers"] }, []);
  const checked = await check(run, new CheckRequest().setUrn(urn).setNews(news));
  expect(told.filter((line) => line.includes("gains"))).toEqual([]);
  await create(run, new CreateRequest().setUrn(urn).setPreview(true).setProperties(checked.getInputs()));
  expect(told).toContainEqual(expect.stringContaining("role/dev: gains group viewers"));
  vi.restoreAllMocks();
});
