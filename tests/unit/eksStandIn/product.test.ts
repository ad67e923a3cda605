import { afterEach, describe, expect, it, vi } from "vitest";
import { openStore, resolveClusterRef } from "../../../provider/cluster/index.ts";
import { startApiServer } from "../cluster/apiServer.ts";
import { impatient, settingsOf } from "../cluster/support.ts";
import { world } from "./world.ts";

afterEach(() => vi.unstubAllEnvs());

describe("the package on the stand-in", () => {
  it("finds a cluster by the environment alone, with the permission that it needs and no more", async () => {
    const { aws, deployer } = await world();
    const api = await startApiServer({ mapRoles: "[]\n" });
    aws.addCluster({ name: "mine", endpoint: api.url });
    aws.permit(deployer, ["eks:DescribeCluster"]);
    for (const [name, value] of Object.entries(aws.env(deployer))) {
      vi.stubEnv(name, value);
    }
    const settings = settingsOf({ env: aws.env(deployer) });
    const open = async () => openStore(await resolveClusterRef("mine", settings), settings, impatient);
    expect((await (await open()).read()).data).toEqual({ mapRoles: "[]\n" });
    expect(aws.calls).toMatchObject([{ operation: "DescribeCluster", caller: deployer.arn, status: 200 }]);
    aws.permit(deployer, []);
    const other = settingsOf({ env: aws.env(deployer) });
    const store = await openStore(await resolveClusterRef("mine", other), other, impatient);
    await expect(store.read()).rejects.toMatchObject({ message: expect.stringContaining("eks:DescribeCluster") });
  });
});
