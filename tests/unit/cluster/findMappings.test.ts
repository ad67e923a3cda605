import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { findMappings } from "../../../provider/findMappings.ts";
import { settingsOf, temporaryDirectory } from "./support.ts";

async function find(arn: string) {
  const cwd = await temporaryDirectory();
  const mapRoles = "    - rolearn: arn:aws:iam::111122223333:role/dev\n      username: dev\n";
  const head = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";
  await writeFile(join(cwd, "aws-auth.yaml"), `${head}data:\n  mapRoles: |\n${mapRoles}`);
  return (await findMappings({ manifest: "aws-auth.yaml" }, arn, settingsOf({ cwd }))).map(({ username }) => username);
}

it.each([
  ["a session, as aws.getCallerIdentity tells it", "arn:aws:sts::111122223333:assumed-role/dev/me"],
  ["a role with its path, in any letter case", " arn:aws:iam::111122223333:role/eng/DEV"],
])("finds the mappings of %s", async (_title, arn) => {
  expect(await find(arn)).toEqual(["dev"]);
});

it.each(["dev", "", "arn:aws:iam::111122223333:group/dev"])(
  "does not say that %j has no mapping, who is nobody",
  async (arn) => {
    await expect(find(arn)).rejects.toMatchObject({
      code: "invalidInput",
      message: `arn ${JSON.stringify(arn)} is not an IAM identity; give the ARN of an IAM role or user, or the one that "aws sts get-caller-identity" shows`,
    });
  },
);
