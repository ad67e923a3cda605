import { expect, it } from "vitest";
import { idOf, parseId } from "../../../provider/cluster/clusterRef.ts";

const arn = "arn:aws:iam::111122223333:role/team/admin";

it.each([
  [arn, undefined, arn],
  ["111122223333", undefined, "111122223333"],
  [`eks:eu-central-1/444455556666/prod/${arn}`, { name: "prod", region: "eu-central-1", account: "444455556666" }, arn],
  [`eks:eu-central-1/prod/${arn}`, { name: "prod", region: "eu-central-1" }, arn],
  [
    "eks:eu-central-1/444455556666/prod/111122223333",
    { name: "prod", region: "eu-central-1", account: "444455556666" },
    "111122223333",
  ],
  [`server:0123456789ab/${arn}`, { server: "0123456789ab" }, arn],
  [`server:0123456789ab-ba9876543210/${arn}`, { server: "0123456789ab-ba9876543210" }, arn],
  [`manifest:maps/prod.yaml/${arn}`, { manifest: "maps/prod.yaml" }, arn],
])("reads %s", (id, cluster, subject) => {
  expect(parseId(id)).toEqual({ cluster, subject });
  expect(parseId(`API_AND_CONFIG_MAP:${id}`)).toBeUndefined();
});

it.each([
  "",
  "nonsense",
  "prod",
  `prod/${arn}`,
  `eks:${arn}`,
  `eks:a/b/c/d/${arn}`,
  "11112222333",
  "arn:aws:s3:::bucket",
  "API:",
  `api:${arn}`,
  `API:API:${arn}`,
])("refuses %j", (id) => {
  expect(parseId(id)).toBeUndefined();
});

it("reads what a resource of a cluster has for an ID", () => {
  const eks = {
    kind: "eks",
    name: "prod",
    region: "eu-central-1",
    account: "444455556666",
    profile: undefined,
    roleArn: undefined,
  } as const;
  expect(parseId(`${idOf(eks)}/${arn}`)?.cluster).toEqual({
    name: "prod",
    region: "eu-central-1",
    account: "444455556666",
  });
});
