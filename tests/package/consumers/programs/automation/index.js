import { LocalWorkspace } from "@pulumi/pulumi/automation/index.js";
import { IdentityMapping } from "pulumi-aws-auth";

async function program() {
  const arn = "arn:aws:iam::111122223333:role/dev";
  const dev = new IdentityMapping("dev", { arn, username: "dev", groups: ["viewers"] });
  new IdentityMapping("sandbox", { account: "012345678901" });
  return { username: dev.username };
}

const stack = await LocalWorkspace.createOrSelectStack({ stackName: "test", projectName: "inline", program });
await stack.setConfig("aws-auth:manifest", { value: "aws-auth.yaml" });
const made = await stack.up();
const again = await stack.up({ expectNoChanges: true });
await stack.destroy();

console.log(
  JSON.stringify({
    made: made.summary.resourceChanges,
    username: made.outputs.username?.value,
    again: again.summary.resourceChanges,
  }),
);
