import { once } from "node:events";
import { writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { describe, expect, it, onTestFinished } from "vitest";
import { identityOf, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";
import { setEnv } from "./world.ts";

async function profiles(env: Readonly<Record<string, string>> = {}) {
  const file = join(await temporaryDirectory(), "config");
  await writeFile(file, "[profile prod]\nregion = eu-west-3\n[profile ci]\nregion = us-east-1\n[profile bare]\n");
  setEnv({
    AWS_CONFIG_FILE: file,
    AWS_SHARED_CREDENTIALS_FILE: join(file, "nothing"),
    AWS_PROFILE: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
    ...env,
  });
}

describe("AWS_AUTH_PROFILE specifies how to reach a cluster, not which one it is:", () => {
  it.each([
    ["the stack's profile has a region", "prod", { "aws-auth:profile": "prod" }, "eks:eu-west-3/prod"],
    ["the AWS provider's profile has a region", "prod", { "aws:profile": "prod" }, "eks:eu-west-3/prod"],
    ["the resource's profile has a region", { name: "prod", profile: "prod" }, {}, "eks:eu-west-3/prod"],
    ["no other profile has a region", { name: "prod", profile: "bare" }, {}, "eks:us-east-1/prod"],
    ["no other profile is named", "prod", {}, "eks:us-east-1/prod"],
  ])("%s", async (_title, input, config, identity) => {
    await profiles();
    const ref = await resolveClusterRef(input, settingsOf({ config, env: { AWS_AUTH_PROFILE: "ci" } }));
    expect(identityOf(ref)).toBe(identity);
  });
});

describe("a mapping on the cluster of a region stays there, whatever the environment specifies:", () => {
  const before = { name: "prod", region: "eu-west-3", account: "111122223333" };

  it.each([
    ["AWS_AUTH_PROFILE", { AWS_AUTH_PROFILE: "ci" }, 'profile "ci"'],
    ["AWS_PROFILE", { AWS_PROFILE: "ci" }, "the AWS profile"],
    ["AWS_REGION", { AWS_REGION: "us-east-1" }, "AWS_REGION"],
  ])("%s", async (_title, env, source) => {
    await profiles(env);
    await expect(resolveClusterRef("prod", settingsOf({ env }), before)).rejects.toMatchObject({
      code: "clusterChanged",
      message: `EKS cluster "prod" is in "us-east-1" by ${source}, and not in "eu-west-3", where this mapping was made; set aws-auth:region in the stack configuration, or region in cluster, to the one that you mean`,
    });
    const [elsewhere, other] = [
      { ...before, region: "us-east-1" },
      { ...before, name: "dev" },
    ];
    for (const stored of [undefined, elsewhere, other]) {
      expect(await resolveClusterRef("prod", settingsOf({ env }), stored)).toMatchObject({ region: "us-east-1" });
    }
  });

  it.each([
    ["the program", { name: "prod", region: "us-east-1" }, {}],
    ["the stack", "prod", { "aws-auth:region": "us-east-1" }],
    ["the AWS provider", "prod", { "aws:region": "us-east-1" }],
  ])("unless %s names another one", async (_title, input, config) => {
    expect(await resolveClusterRef(input, settingsOf({ config }), before)).toMatchObject({ region: "us-east-1" });
  });
});

describe("the region of the machine in EC2 is none of a cluster, which would be another one from one machine to the next:", () => {
  async function inUsEast2() {
    const metadata = createServer((_request, response) => response.end("us-east-2")).listen(0, "127.0.0.1");
    onTestFinished(() => void metadata.close());
    await once(metadata, "listening");
    const address = metadata.address();
    const port = typeof address === "object" ? address?.port : undefined;
    await profiles({ AWS_EC2_METADATA_SERVICE_ENDPOINT: `http://127.0.0.1:${port}` });
    setEnv({ AWS_EC2_METADATA_DISABLED: undefined });
  }

  it("if no one specifies one", async () => {
    await inUsEast2();
    await expect(resolveClusterRef("prod", settingsOf({}))).rejects.toMatchObject({ code: "clusterNotNamed" });
  });

  it("where AWS_AUTH_PROFILE has one, and the profile of the resource has none", async () => {
    await inUsEast2();
    const settings = settingsOf({ env: { AWS_AUTH_PROFILE: "ci" } });
    expect(await resolveClusterRef({ name: "prod", profile: "bare" }, settings)).toMatchObject({ region: "us-east-1" });
  });
});

it("an empty AWS_REGION is none, and the profile's counts", async () => {
  await profiles({ AWS_REGION: "", AWS_PROFILE: "prod" });
  expect(await resolveClusterRef("prod", settingsOf({ env: { AWS_REGION: "" } }))).toMatchObject({
    region: "eu-west-3",
  });
});
