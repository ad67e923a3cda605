import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBlock } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** Asks every policy about one mapping, as the host of a pack does. */
const ask = `
import { policies } from "./policies.ts";
const { props, opts, config } = JSON.parse(process.argv[2]);
for (const { name, validateResource } of policies) {
  const args = { props, opts, isType: () => true, getConfig: () => config };
  validateResource(args, (message) => console.log(name + ": " + message));
}
`;

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-policies-"));
  const modules = join(directory, "node_modules");
  await mkdir(modules);
  await symlink(join(repository, "node_modules", "@pulumi"), join(modules, "@pulumi"));
  await symlink(repository, join(modules, "pulumi-aws-auth"));
  await cp(join(repository, "examples", "policy", "pack", "policies.ts"), join(directory, "policies.ts"));
  await writeFile(join(directory, "ask.mts"), ask);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

function violations(props: object, { protect = false, allowed = [] as string[] } = {}): string {
  const question = JSON.stringify({ props, opts: { protect }, config: { allowed } });
  return execFileSync(process.execPath, [join(directory, "ask.mts"), question], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
}

it("the policies of examples/policy refuse users, administrators outside the list, and nodes without protection", async () => {
  const user = "arn:aws:iam::111122223333:user/dev";
  const nodes = { arn: role("nodes"), groups: ["system:bootstrappers", "system:nodes"] };
  const contractors = { arn: role("contractors"), groups: ["system:masters"] };
  expect(violations({ arn: user, groups: [] })).toBe(`aws-auth-no-users: ${user} is an IAM user; map a role\n`);
  expect(violations(nodes)).toMatch(
    /^aws-auth-protect-nodes: .* give the mapping the resource option protect: true\n$/,
  );
  expect(violations(nodes, { protect: true })).toBe("");
  const shown = (await readBlock("examples/policy/README.md", "mandatory:")).replace(/^mandatory: /, "");
  expect(violations(contractors)).toBe(`aws-auth-administrators: ${shown}`);
  expect(violations(contractors, { allowed: [role("contractors")] })).toBe("");
  expect(violations({ account: "012345678901" })).toBe("");
});
