import { beforeEach, describe, expect, it, vi } from "vitest";

const arn = "arn:aws:iam::111122223333:role/platform/Hush";

describe("a secret of the program", () => {
  let secrets: typeof import("../../../provider/engine/secretValues.ts");
  beforeEach(async () => {
    // What is remembered is remembered for a process.
    vi.resetModules();
    secrets = await import("../../../provider/engine/secretValues.ts");
  });
  const shown = (properties: Record<string, unknown>, text: string) => {
    secrets.rememberSecrets({ __secrets: Object.keys(properties), ...properties });
    return secrets.withoutSecrets(text);
  };

  it.each([
    [
      "a username",
      { username: "hush-1" },
      'username "hush-1" => hush-1, not hush-10',
      'username "[secret]" => [secret], not hush-10',
    ],
    ["each group of a list", { groups: ["hush:a", "b-1"] }, '["b-1", "hush:a", "c"]', '["[secret]", "[secret]", "c"]'],
    ["an account", { account: "111122223333" }, "arn:aws:iam::111122223333:role/x", "arn:aws:iam::[secret]:role/x"],
    ["an ARN without its path", { arn }, '"arn:aws:iam::111122223333:role/Hush"', '"[secret]"'],
    ["an ARN with another path, in lower case", { arn }, "arn:aws:iam::111122223333:role/a/b/hush.", "[secret]."],
    ["an ARN as the record of claims has it", { arn }, "111122223333:role/hush 3f9ac1", "[secret] 3f9ac1"],
    [
      "the role in the name of its sessions",
      { arn },
      '"arn:aws:sts::111122223333:assumed-role/Hush/{{SessionName}}"',
      '"[secret]/{{SessionName}}"',
    ],
    [
      "the role in the ARN of its access entry",
      { arn },
      "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/role/111122223333/Hush/1a2b",
      "arn:aws:eks:eu-central-1:111122223333:access-entry/prod/[secret]/1a2b",
    ],
    [
      "the role that IAM does not tell of",
      { arn },
      "iam:GetRole on resource: role Hush because no policy allows it",
      "iam:GetRole on resource: [secret] because no policy allows it",
    ],
    ["the path and the name in an ARN", { arn }, 'the path "platform/" of "Hush"', 'the path "[secret]" of "[secret]"'],
    ["the longer of two secrets", { username: "a.b", groups: ["a.b c"] }, "a.b c", "[secret]"],
    ["what JSON escapes", { username: 'a"b\\1' }, String.raw`username "a\"b\\1"`, 'username "[secret]"'],
    [
      "in another case, of any letter",
      { username: "\u1e9e\u017fk\u03a31" },
      'username "\u00dfs\u212a\u03c21"',
      'username "[secret]"',
    ],
    ["what a terminal is not shown", { username: "a\u202e1" }, String.raw`username "a\u202e1"`, 'username "[secret]"'],
  ])("is hidden: %s", (_title, properties, text, expected) => {
    expect(shown(properties, text)).toBe(expected);
  });

  it("that is an ordinary word is hidden where a value stands, and is not told by what is hidden elsewhere", () => {
    const text = 'a role is mapped by "role", groups [x, role], \\"role\\", changed outside Pulumi: role => role';
    expect(shown({ username: "role" }, text)).toBe(
      'a role is mapped by "[secret]", groups [x, [secret]], \\"[secret]\\", changed outside Pulumi: [secret] => [secret]',
    );
  });

  it("is hidden in the values of a plan, and in an error with its stack", () => {
    secrets.rememberSecrets({ __secrets: ["username"], username: "hush-1" });
    expect(secrets.withoutSecretsIn({ a: ["hush-1", 1], "hush-1": null })).toEqual({
      a: ["[secret]", 1],
      "[secret]": null,
    });
    const error = secrets.hideSecretsIn(new Error("hush-1 failed"));
    expect(error).toMatchObject({ message: "[secret] failed", stack: expect.not.stringContaining("hush-1") });
  });

  it("is also what an entry of its principal says in its place", () => {
    const said = { username: "rotated-1", groups: ["rotated-2"] };
    const [username, group] = [said.username, "rotated-2"];
    secrets.rememberSecrets({ __secrets: ["username"], arn, username: "hush-1" });
    secrets.hideSaid("arn:aws:iam::111122223333:role/other", said);
    expect(secrets.withoutSecrets(`${username}, ${group}`)).toBe(`${username}, ${group}`);
    secrets.hideSaid("arn:aws:iam::111122223333:role/hush", said);
    expect(secrets.withoutSecrets(`${username}, ${group}`)).toBe(`[secret], ${group}`);
    secrets.rememberSecrets({ __secrets: ["groups"], arn, groups: [] });
    secrets.hideSaid("arn:aws:iam::111122223333:role/hush", said);
    expect(secrets.withoutSecrets(`${username}, ${group}`)).toBe("[secret], [secret]");
  });

  it("that is an ordinary word is hidden in a list of changes", () => {
    expect(shown({ username: "ops" }, "username: dev => ops; groups: [ops] => []")).toBe(
      "username: dev => [secret]; groups: [[secret]] => []",
    );
  });

  it("is only what the program marks so", () => {
    secrets.rememberSecrets({ username: "plain-1", groups: ["plain-2"] });
    secrets.rememberSecrets({ __secrets: "username", username: "plain-3" });
    secrets.rememberSecrets({ __secrets: ["cluster", "username"], cluster: "plain-4", username: "" });
    expect(secrets.withoutSecrets("plain-1 plain-2 plain-3 plain-4")).toBe("plain-1 plain-2 plain-3 plain-4");
  });
});
