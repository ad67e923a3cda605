import { expect, it } from "vitest";
import { AccessEntryApi } from "../../../../provider/cluster/eks/accessEntryApi.ts";
import { EksConnection } from "../../../../provider/cluster/eks/eksConnection.ts";
import { settingsOf } from "../support.ts";
import { devArn, entriesWorld, limits, ref } from "./entriesWorld.ts";

it("neither IAM nor STS is asked at an endpoint that the environment says to ignore, as the SDK's services are not", async () => {
  const { aws, deployer } = await entriesWorld();
  // The SDK reads the process's own environment, which does not say so.
  const env = { ...aws.env(deployer), AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" };
  const settings = settingsOf({ env });
  const connection = new EksConnection(ref, settings);
  const api = new AccessEntryApi(ref, settings, connection, { ...limits, attempts: 1, time: 2_000 });
  await api.cluster();
  aws.forgetCalls();
  await api.principal(devArn).catch(() => undefined);
  await connection.caller(AbortSignal.timeout(2_000)).catch(() => undefined);
  expect(aws.calls.map(({ operation }) => operation)).toEqual([]);
});
