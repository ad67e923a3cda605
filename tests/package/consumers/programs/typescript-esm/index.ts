import { readFile } from "node:fs/promises";
import { IdentityMapping, type IdentityMappingArgs } from "pulumi-aws-auth";

const { username }: { username: string } = JSON.parse(await readFile(new URL("dev.json", import.meta.url), "utf8"));
const args: IdentityMappingArgs = { arn: "arn:aws:iam::111122223333:role/dev", username, groups: ["viewers"] };
const dev = new IdentityMapping("dev", args);
new IdentityMapping("sandbox", { account: "012345678901" });

export const name = dev.username;
