import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { plainly, secret } from "../support/doors/declared.ts";
import { doors } from "../support/doors/door.ts";
import { manifestOf } from "../support/engine/manifest.ts";
import { stateFileOf } from "../support/engine/state.ts";
import { type Outcome, TestProject } from "../support/engine/testProject.ts";

// Every secret of the program has this in it, in some letter case, or is this account.
const secretText = /hush|444455556666/i;

/** What may contain any letters by chance. */
const encrypted = /"(?:ciphertext|salt)":\s*"[^"]*"/g;

const role = (name: string) => `arn:aws:iam::111122223333:role/${name}`;

const all = {
  username: { arn: role("plain-1"), username: secret("hush-user"), groups: ["viewers"] },
  groups: { arn: role("plain-2"), username: "u", groups: ["viewers", secret("hush:group")] },
  arn: { arn: secret(role("hush-path/Hush-role")), username: "u" },
  account: { account: secret(secret("444455556666")) },
};
const invalid = { arn: secret("arn:aws:iam::111122223333:group/hush-path/x"), username: "u" };
const adopting = Object.fromEntries(Object.entries(all).map(([name, args]) => [name, { ...args, adopt: true }]));

const entries = (usernames: readonly [string, string, string]) =>
  [
    ["plain-1", usernames[0], "viewers"],
    ["plain-2", usernames[1], "hush:group"],
    ["hush-role", usernames[2], "viewers"],
  ]
    .map(
      ([name, user, group]) =>
        `- rolearn: arn:aws:iam::111122223333:role/${name}\n  username: ${user}\n  groups: ["${group}"]\n`,
    )
    .join("");

describe.each(doors)("what a program marks as secret, through the $name", (door) => {
  let project: TestProject;
  const declare = (mappings: Readonly<Record<string, object>>) => project.program(door.program(plainly(mappings)));
  beforeAll(async () => {
    project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" }, ...door.options });
    await project.write("aws-auth.yaml", manifestOf({ mapRoles: entries(["a", "b", "c"]) }));
  });
  afterAll(() => project.remove());

  const failures: readonly (readonly [mappings: Readonly<Record<string, object>>, message: RegExp])[] = [
    [
      { username: all.username },
      /'username': property arn value .* has a problem: arn ".*plain-1" is already mapped .* this resource says username "\[secret\]", groups \["viewers"\]/,
    ],
    [
      { arn: all.arn },
      /'arn' has a problem: arn "\[secret\]" is already mapped .* mapRoles entry 3 says .*, for "\[secret\]"/,
    ],
    [{ invalid }, /'invalid' has a problem: arn "\[secret\]" /],
  ];

  it.each(failures)("is in no failure: %o", async (mappings, message) => {
    await declare(mappings);
    const { code, output } = await project.preview();
    expect(code).not.toBe(0);
    expect(output).toMatch(message);
    expect(output).not.toMatch(secretText);
  });

  /** What a run of the CLI printed, and what is in the state after it. */
  const see = async (running: Promise<Outcome>) => {
    const { code, output } = await running;
    expect({ code, output }).toEqual({ code: 0, output: expect.not.stringMatching(secretText) });
    const state = await stateFileOf(project);
    expect(state.replaceAll(encrypted, "")).not.toMatch(secretText);
    return { output, state };
  };

  it("is in no plan that takes an entry over, no ID and, in clear, in no state", async () => {
    await declare(adopting);
    const { output } = await see(project.preview());
    expect(output).toMatch(/adoption of .*: mapRoles entry 1: username "\[secret\]", .* => username "\[secret\]"/);
    if (door.knowsPreviews) {
      expect(output).toMatch(/mapRoles entry 1: "username \\"\[secret\]\\", .* => username \\"\[secret\]\\"/);
    }
    const { state } = await see(project.up("--diff"));
    expect(state).toMatch(/"id":"manifest:aws-auth.yaml\/secret:[0-9a-f]{12}"/);
    const map = await project.read("aws-auth.yaml");
    for (const text of ["hush-user", "hush:group", "Hush-role", "444455556666"]) {
      expect(map).toContain(text);
    }
  });

  it("is in no drift", async () => {
    await declare(all);
    await see(project.preview("--expect-no-changes"));
    const map = await project.read("aws-auth.yaml");
    await project.write("aws-auth.yaml", map.replace("hush-user", "by-hand").replace("hush:group", "by-hand-2"));
    const { output } = await see(project.preview());
    expect(output).toContain(
      door.readsFirst ? "~ username: [secret] => [secret]" : 'username: "changed outside Pulumi: [secret] => [secret]"',
    );
  });

  it("stays so when a hand edit is refreshed and corrected, and when all is removed", async () => {
    await see(project.refresh("--diff"));
    await see(project.up("--diff"));
    expect(await project.read("aws-auth.yaml")).toContain("hush-user");
    await see(project.destroy());
    expect(await project.read("aws-auth.yaml")).not.toMatch(secretText);
  });
});
