import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { identityOf, resolveClusterRef } from "../../../../provider/cluster/index.ts";
import { settingsOf, temporaryDirectory } from "../support.ts";
import { setEnv } from "./world.ts";

async function profiles() {
  const file = join(await temporaryDirectory(), "config");
  await writeFile(file, "[profile prod]\nregion = eu-west-3\n[profile ci]\nregion = us-east-1\n[profile bare]\n");
  setEnv({
    AWS_CONFIG_FILE: file,
    AWS_SHARED_CREDENTIALS_FILE: join(file, "nothing"),
    AWS_PROFILE: undefined,
    AWS_REGION: undefined,
    AWS_DEFAULT_REGION: undefined,
  });
}

describe("AWS_AUTH_PROFILE says how to reach a cluster and not which one it is:", () => {
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
