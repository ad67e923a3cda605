import { createRequire } from "node:module";
import type * as protocol from "@pulumi/pulumi/proto/provider_pb.js";
import { describe, expect, it } from "vitest";
import { receive, struct } from "../../../provider/engine/properties.ts";
import { invoke } from "../../../provider/plugin/functions.ts";
import type { AuthenticationMode } from "../../support/eks/state.ts";
import { devArn, entriesWorld, says } from "../cluster/eks/entriesWorld.ts";

const load = createRequire(createRequire(import.meta.url).resolve("@pulumi/pulumi/package.json"));
const { InvokeRequest }: typeof protocol = load("@pulumi/pulumi/proto/provider_pb");
const mapped = { mapRoles: '- rolearn: arn:aws:iam::111122223333:role/dev\n  username: by-map\n  groups: ["a"]\n' };

/** A cluster whose map has the role "dev", and whose access entry says something else. */
async function world(mode: AuthenticationMode, hasEntry: boolean) {
  const made = await entriesWorld(mode);
  made.kubernetes.data = mapped;
  if (hasEntry) {
    await made.api.create(says(), {});
  }
  const explain = async () => {
    const request = new InvokeRequest();
    request.setTok("aws-auth:index:explain");
    request.setArgs(struct({ cluster: "prod", arn: devArn }, []));
    return receive((await invoke(request, made.settings)).getReturn()).values;
  };
  return { ...made, explain };
}

describe("explain counts access entries", () => {
  it("which win over aws-auth", async () => {
    const { explain } = await world("API_AND_CONFIG_MAP", true);
    expect(await explain()).toMatchObject({
      isMapped: true,
      username: "dev",
      groups: ["viewers"],
      givenBy: `access entry of ${devArn}`,
      owners: [],
      remarks: [
        "mapRoles entry 1 is without effect, since the access entry wins over aws-auth",
        expect.stringContaining("path"),
      ],
    });
  });

  it("alone, in mode API", async () => {
    const { explain } = await world("API", false);
    const answer = await explain();
    expect(answer).toMatchObject({ isMapped: false });
    expect(answer).not.toHaveProperty("username");
    expect(answer["remarks"]).toContainEqual(expect.stringContaining("access entries alone count"));
  });

  it("where there are none, as before", async () => {
    const { explain } = await world("CONFIG_MAP", false);
    expect(await explain()).toMatchObject({ isMapped: true, username: "by-map", givenBy: "mapRoles entry 1" });
  });

  it("and does not know without them who is not mapped", async () => {
    const { aws, kubernetes, deployer, explain } = await world("API_AND_CONFIG_MAP", true);
    aws.permit(deployer, ["eks:DescribeCluster", "iam:*"]);
    expect((await explain())["remarks"]).toContainEqual(expect.stringContaining("eks:ListAccessEntries"));
    kubernetes.data = {};
    await expect(explain()).rejects.toThrow(/whether .*role\/eng\/dev" gets in is not known: .*eks:ListAccessEntries/s);
  });
});
