import { writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { join } from "node:path";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import { expect, it } from "vitest";
import { newRun } from "../../../provider/plugin/handlers.ts";
import { check, create, diff } from "../../../provider/plugin/resources.ts";
import { receive, struct } from "../../../provider/plugin/values.ts";
import { manifestOf } from "../../support/engine/manifest.ts";
import { temporaryDirectory } from "../cluster/support.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { CheckRequest, CreateRequest, DiffRequest }: typeof protocol = load("@pulumi/pulumi/proto/provider_pb");

it("expects a change of what is checked, until it is found to stay, and none of what has a problem", async () => {
  const manifest = join(await temporaryDirectory(), "aws-auth.yaml");
  await writeFile(manifest, manifestOf({ mapRoles: "[]\n" }));
  const run = newRun();
  const urn = "urn:pulumi:prod::shop::aws-auth:index:IdentityMapping::dev";
  const news = {
    cluster: { manifest },
    arn: "arn:aws:iam::111122223333:role/dev",
    username: "dev",
    groups: ["viewers"],
  };
  const checkRequest = (inputs: object, olds: object = {}) => {
    const request = new CheckRequest();
    request.setUrn(urn);
    request.setOlds(struct({ ...olds }, []));
    request.setNews(struct({ ...inputs }, []));
    return request;
  };

  const wrong = await check(run, checkRequest({ ...news, arn: "role/dev" }));
  expect(wrong.getFailuresList()).toHaveLength(1);
  expect([...run.traffic.expected]).toEqual([]);

  const inputs = (await check(run, checkRequest(news))).getInputs();
  expect([...run.traffic.expected]).toEqual([urn]);

  const createRequest = new CreateRequest();
  createRequest.setUrn(urn);
  createRequest.setProperties(inputs);
  const created = await create(run, createRequest);
  run.traffic.expected.clear();

  const compare = async (groups: readonly string[]) => {
    const olds = receive(inputs).values;
    const checked = await check(run, checkRequest({ ...news, groups }, olds));
    expect([...run.traffic.expected]).toEqual([urn]);
    const request = new DiffRequest();
    request.setUrn(urn);
    request.setId(created.getId());
    request.setOlds(created.getProperties());
    request.setNews(checked.getInputs());
    await diff(run, request);
    return [...run.traffic.expected];
  };
  expect(await compare(["viewers"])).toEqual([]);
  expect(await compare(["editors"])).toEqual([urn]);
});
