import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import { expect, it, onTestFinished, vi } from "vitest";
import { receive, struct } from "../../../provider/engine/properties.ts";
import { currentRun } from "../../../provider/lifecycle/run.ts";
import { PluginRun } from "../../../provider/plugin/pluginRun.ts";
import { check, create, diff, read } from "../../../provider/plugin/resources.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { CheckRequest, CreateRequest, DiffRequest, ReadRequest }: typeof protocol = load(
  "@pulumi/pulumi/proto/provider_pb",
);

it("keeps the label of a claim in a replacement, of which the second check has no state", async () => {
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  const arn = "arn:aws:iam::111122223333:role/dev";
  await writeFile(manifest, manifestOf({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` }));
  const run = new PluginRun();
  const urn = "urn:pulumi:prod::shop::aws-auth:index:IdentityMapping::dev";
  const olds = { cluster: { manifest }, arn, username: "dev", __claim: "a1b2c3:organization/shop/prod dev" };
  const news = { cluster: { manifest }, arn: "arn:aws:iam::111122223333:role/moved", username: "dev" };
  const checked = async (state: object) => {
    const request = new CheckRequest();
    request.setUrn(urn);
    request.setOlds(struct({ ...state }, []));
    request.setNews(struct(news, []));
    return (await check(run, request)).getInputs();
  };
  const request = new DiffRequest();
  request.setUrn(urn);
  request.setId(`manifest:${manifest}/${arn}`);
  request.setOlds(struct(olds, []));
  request.setNews(await checked(olds));
  expect((await diff(run, request)).getReplacesList()).toEqual(["arn"]);
  expect(receive(await checked({})).values).toMatchObject({
    __claim: expect.stringMatching(/^[0-9a-z]{8}-:organization\/shop\/prod dev$/),
  });
});

it("previews a replacement that somebody asks for by what it changes, although no request but a refresh has its state", async () => {
  const said = vi.spyOn(console, "error").mockReturnValue();
  onTestFinished(() => said.mockRestore());
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  const arn = "arn:aws:iam::111122223333:role/tainted";
  await writeFile(manifest, manifestOf({ mapRoles: `- rolearn: ${arn}\n  username: dev\n` }));
  const run = new PluginRun();
  const urn = "urn:pulumi:prod::shop::aws-auth:index:IdentityMapping::tainted";
  const state = { cluster: { manifest }, arn, username: "dev" };
  const news = struct({ ...state, groups: ["viewers"] }, []);
  const reading = new ReadRequest().setUrn(urn).setId(`manifest:${manifest}/${arn}`).setProperties(struct(state, []));
  await read(run, reading);
  const checked = await check(run, new CheckRequest().setUrn(urn).setNews(news));
  expect(checked.getFailuresList()).toEqual([]);
  await create(run, new CreateRequest().setUrn(urn).setPreview(true).setProperties(checked.getInputs()));
  expect(said.mock.calls.join()).toContain("role/tainted: gains group viewers");
});

it("knows of a resource in the state what its outputs say of its access entry, and not its inputs", async () => {
  vi.stubEnv("AWS_EC2_METADATA_DISABLED", "true");
  onTestFinished(() => void vi.unstubAllEnvs());
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  await writeFile(manifest, manifestOf({}));
  const principalArn = "arn:aws:iam::111122223333:role/kept";
  const urn = "urn:pulumi:prod::shop::aws-auth:index:IdentityMapping::kept";
  const inputs = { cluster: { manifest }, arn: principalArn, username: "dev", __accessEntry: { principalArn } };
  const request = new CheckRequest().setUrn(urn).setOlds(struct(inputs, [])).setNews(struct(inputs, []));
  request.setOldOutputs(struct({ ...inputs, __accessEntry: { principalArn, isMade: true } }, []));
  await check(new PluginRun(), request);
  expect(currentRun().checked.get(urn)?.accessEntry).toEqual({ principalArn, isMade: true });
});
