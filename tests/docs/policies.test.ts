import { execFileSync } from "node:child_process";
import { cp, mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { readBlock } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

/** Asks every policy about mappings, as the host of a pack does, and prints what they say of each. */
const ask = `
import { policies } from "./policies.ts";
const said = JSON.parse(process.argv[2]).map(({ props, opts, config }) => {
  const messages = [];
  for (const { name, validateResource } of policies) {
    const args = { props, opts, isType: () => true, getConfig: () => config };
    validateResource(args, (message) => messages.push(name + ": " + message));
  }
  return messages;
});
console.log(JSON.stringify(said));
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

const mapping = (props: object, { protect = false, allowed = [] as string[] } = {}) => ({
  props,
  opts: { protect },
  config: { allowed },
});

function violations(...mappings: readonly object[]): readonly (readonly string[])[] {
  const printed = execFileSync(process.execPath, [join(directory, "ask.mts"), JSON.stringify(mappings)], {
    encoding: "utf8",
    stdio: ["ignore", "pipe", "ignore"],
  });
  return JSON.parse(printed);
}

it("the policies of examples/policy refuse users, administrators outside the list, and nodes without protection", async () => {
  const user = "arn:aws:iam::111122223333:user/dev";
  const nodes = { arn: role("nodes"), groups: ["system:bootstrappers", "system:nodes"] };
  const contractors = { arn: role("contractors"), groups: ["system:masters"] };
  const shown = (await readBlock("examples/policy/README.md", "mandatory:")).replace(/^mandatory: /, "").trim();
  expect(
    violations(
      mapping({ arn: user, groups: [] }),
      mapping(nodes),
      mapping(nodes, { protect: true }),
      mapping(contractors),
      mapping(contractors, { allowed: [role("contractors")] }),
      mapping({ account: "012345678901" }),
    ),
  ).toEqual([
    [`aws-auth-no-users: ${user} is an IAM user; map a role`],
    [expect.stringMatching(/^aws-auth-protect-nodes: .* give the mapping the resource option protect: true$/)],
    [],
    [`aws-auth-administrators: ${shown}`],
    [],
    [],
  ]);
});
