import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { mappingsOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";

const nodes = `- rolearn: arn:aws:iam::111122223333:role/node-group-1
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:bootstrappers, system:nodes]
`;
const administrator = (name: string) =>
  `- rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${name}\n  groups: ["system:masters"]\n`;

const program = `
  const arn = (name) => "arn:aws:iam::111122223333:role/" + name;
  const make = (name, role, group, more) =>
    new IdentityMapping(name, { arn: arn(role), username: role, groups: [group], ...more });
  const masters = "system:masters";
  const plain = () => make("plain", "plain", "viewers");
  ({
    all() { plain(); make("a", "a", masters); make("b", "b", masters); },
    changes() {
      plain();
      make("a", "a", "viewers");
      make("b", "b", "viewers");
      make("nodes", "node-group-1", "viewers", { noDuplicateARNs: false });
    },
    removesAll() {},
  })[process.env.CASE]();
`;

// The whole texts stand in tests/unit/lifecycle/lockout.test.ts.
const last = /arn "arn:aws:iam::111122223333:role\/[ab]" has the last of 2 mappings to system:masters/;
const refused = "AWS_AUTH_LOCKOUT_PROTECTION=off";

describe("a lock-out", () => {
  let project: TestProject;
  const config = { "aws-auth:manifest": "aws-auth.yaml" };
  const run = (name: string) => project.with({ CASE: name });
  const warnings = (output: string) => output.match(/^.*warning: .*$/gm) ?? [];

  beforeAll(async () => {
    project = await TestProject.create({ config });
    const mapRoles = [nodes, administrator("a"), administrator("b")].join("");
    await project.write("aws-auth.yaml", manifestOf({ mapRoles }));
    await project.program(program);
    expect(await run("all").up()).toMatchObject({ code: 0 });
  });
  afterAll(() => project.remove());

  it("is warned of in a preview whose changes together take the last administrators, and shadow the last nodes", async () => {
    const { code, output } = await run("changes").preview();
    expect(code).toBe(0);
    expect(
      warnings(output)
        .filter((text) => text.includes("has the"))
        .toSorted(),
    ).toEqual([
      expect.stringMatching(last),
      expect.stringMatching(/role\/node-group-1" has the only mapping to system:nodes/),
    ]);
  });

  it("is refused in update and destroy once the stack says so, and is left to a run that says otherwise", async () => {
    await project.configure({ ...config, "aws-auth:lockoutProtection": "error" });
    const update = await run("removesAll").up();
    expect(update.code).not.toBe(0);
    expect(await project.read("aws-auth.yaml")).toMatch(/system:masters/);
    // It sees the configuration of that update.
    const destroy = await project.destroy();
    expect(destroy.code).not.toBe(0);
    expect(destroy.output).toMatch(/arn "arn:aws:iam::111122223333:role\/[ab]" has the only mapping to system:masters/);
    expect(destroy.output).toContain("--run-program");
    for (const { output } of [update, destroy]) {
      expect(output).toContain(refused);
      expect(output).not.toMatch(/^\s+at /m);
    }
    expect(await mappingsOf(project)).toHaveLength(1);
    expect((await project.read("aws-auth.yaml")).match(/system:masters/g)).toHaveLength(1);
    await project.configure({ ...config, "aws-auth:lockoutProtection": "warn" });
    const allowed = await run("all").destroy("--run-program");
    expect(allowed).toMatchObject({ code: 0 });
    expect(warnings(allowed.output)).toContainEqual(expect.stringContaining("this run removed it"));
    expect(await project.read("aws-auth.yaml")).toBe(manifestOf({ mapRoles: nodes }));
  });
});
