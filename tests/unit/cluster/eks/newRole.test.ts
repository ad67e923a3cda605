import { expect, it } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { account, entriesWorld, limits, ref, says } from "./entriesWorld.ts";

it("an access entry is made for a role that was made a moment ago, by a clock that is behind AWS's", async () => {
  const { aws, settings, clock } = await entriesWorld();
  const api = new AccessEntryApi(ref, settings, undefined, limits);
  await api.cluster();
  aws.behaviour.newPrincipalLag = 500;
  clock.behind = -600_000;
  const arn = `arn:aws:iam::${account}:role/fresh`;
  aws.principals.create(arn);
  await api.create(says({ principalArn: arn }), {});
  expect(aws.entry("prod", arn)).toBeDefined();
});
