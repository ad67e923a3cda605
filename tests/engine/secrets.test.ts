import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { manifestOf } from "../support/engine/manifest.ts";
import { stateFileOf } from "../support/engine/state.ts";
import { TestProject } from "../support/engine/testProject.ts";
import { sample } from "../support/nightly.ts";

// Every secret of the program has this in it, in some letter case, or is this account.
const secret = /hush|444455556666/i;

const program = `
  const role = (name) => "arn:aws:iam::111122223333:role/" + name;
  const hidden = (value) => pulumi.secret(value);
  const { CASE } = process.env;
  const adopt = CASE === "adopt";
  const make = (name, args) => new IdentityMapping(name, { adopt, ...args });
  const all = {
    username: { arn: role("plain-1"), username: hidden("hush-user"), groups: ["viewers"] },
    groups: { arn: role("plain-2"), username: "u", groups: ["viewers", hidden("hush:group")] },
    arn: { arn: hidden(role("hush-path/Hush-role")), username: "u" },
    account: { account: pulumi.output(Promise.resolve(hidden("444455556666"))) },
  };
  const problems = { invalid: { arn: hidden("arn:aws:iam::111122223333:group/hush-path/x"), username: "u" } };
  const { [CASE]: one } = { ...all, ...problems };
  for (const [name, args] of one === undefined ? Object.entries(all) : [[CASE, one]]) make(name, args);
`;

const entries = (usernames: readonly [string, string, string]) =>
  [
    ["plain-1", usernames[0], "viewers"],
    ["plain-2", usernames[1], "hush:group"],
    ["hush-role", usernames[2], "viewers"],
  ]
    .map(
      ([role, user, group]) =>
        `- rolearn: arn:aws:iam::111122223333:role/${role}\n  username: ${user}\n  groups: ["${group}"]\n`,
    )
    .join("");

describe("what a program marks as secret", () => {
  let project: TestProject;
  const run = (name: string) => project.with({ CASE: name });
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: entries(["a", "b", "c"]) }));
    await project.program(program);
  });
  afterAll(() => project.remove());

  const failures: readonly (readonly [name: string, message: RegExp])[] = [
    [
      "username",
      /'username': property arn value .* has a problem: arn ".*plain-1" is already mapped .* this resource says username "\[secret\]", groups \["viewers"\]/,
    ],
    ["arn", /'arn' has a problem: arn "\[secret\]" is already mapped .* mapRoles entry 3 says .*, for "\[secret\]"/],
    ["invalid", /'invalid' has a problem: arn "\[secret\]" /],
  ];

  it.each(sample(failures, 2))("is in no failure: %s", async (name, message) => {
    const { code, output } = await run(name).preview();
    expect(code).not.toBe(0);
    expect(output).toMatch(message);
    expect(output).not.toMatch(secret);
  });

  /** What a run of the CLI printed, and what is in the state after it. */
  const see = async (running: Promise<{ code: number | null; output: string }>) => {
    const { code, output } = await running;
    expect({ code, output }).toEqual({ code: 0, output: expect.not.stringMatching(secret) });
    const state = await stateFileOf(project);
    expect(state).not.toMatch(secret);
    return { output, state };
  };

  it("is in no plan that takes an entry over, no ID and, in clear, in no state", async () => {
    const { output } = await see(run("adopt").preview());
    expect(output).toMatch(/mapRoles entry 1: "username \\"a\\", .* => username \\"\[secret\]\\"/);
    const { state } = await see(run("adopt").up("--diff"));
    expect(state).toMatch(/"id":"manifest:aws-auth.yaml\/secret:[0-9a-f]{12}"/);
    const map = await project.read("aws-auth.yaml");
    for (const text of ["hush-user", "hush:group", "Hush-role", "444455556666"]) {
      expect(map).toContain(text);
    }
  });

  it("is in no drift", async () => {
    await see(run("").pulumi("preview", "--diff", "--expect-no-changes"));
    const map = await project.read("aws-auth.yaml");
    await project.write("aws-auth.yaml", map.replace("hush-user", "by-hand").replace("hush:group", "by-hand-2"));
    const { output } = await see(run("").preview());
    expect(output).toContain('username: "changed outside Pulumi: [secret] => by-hand"');
  });

  it("stays so when a hand edit is refreshed and corrected, and when all is removed", async () => {
    await see(project.refresh("--diff"));
    await see(run("").up("--diff"));
    expect(await project.read("aws-auth.yaml")).toContain("hush-user");
    await see(project.destroy());
    expect(await project.read("aws-auth.yaml")).not.toMatch(secret);
  });
});
