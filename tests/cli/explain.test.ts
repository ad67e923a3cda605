import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { historicManifest } from "../support/cli/historicMap.ts";
import { runCli } from "../support/cli/runCli.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
const run = (...args: string[]) => runCli([...args, "--manifest", "aws-auth.yaml"], { cwd: directory });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-explain-"));
  await writeFile(join(directory, "aws-auth.yaml"), historicManifest);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

describe("explain", () => {
  const session = "arn:aws:sts::111122223333:assumed-role/dev/jane";

  it("tells who a session is, by which entry, and what that shadows", async () => {
    expect(await run("explain", session)).toEqual({
      code: 0,
      stderr: "",
      stdout: `arn:aws:sts::111122223333:assumed-role/dev/jane
  compared as arn:aws:iam::111122223333:role/dev

Mapped in manifest "aws-auth.yaml":
  username    dev:jane
  groups      developers, viewers
  given by    mapRoles entry 7 (line 40, 33 of the key)

Shadowed, so without effect:
  - mapRoles entry 5 (line 32, 25 of the key), username "dev-of-2019", groups ["viewers"]
  - mapRoles entry 6 (line 35, 28 of the key), username "dev", groups ["developers", "viewers"]

Looks right, but is not for this identity:
  - mapRoles entry 18 (line 75, 68 of the key), "arn:aws-cn:iam::111122223333:role/dev": it names another partition, "aws-cn"
  - mapRoles entry 19 (line 77, 70 of the key), "arn:aws:iam::444455556666:role/dev": it names role "dev" of another account, 444455556666
  - mapUsers entry 3 (line 90, 7 of the key), "arn:aws:iam::111122223333:user/dev": it names the user "dev", and this identity is a role

Notes:
  - Without that entry, mapAccounts would still let it in: account 111122223333 is listed there.
`,
    });
  });

  it("prints the same as json and as yaml", async () => {
    const json = JSON.parse((await run("explain", session, "-o", "json")).stdout);
    expect(json).toMatchObject({
      arn: session,
      canonicalArn: "arn:aws:iam::111122223333:role/dev",
      mapped: true,
      username: "dev:jane",
      groups: ["developers", "viewers"],
      givenBy: { key: "mapRoles", position: 7, line: 33, fileLine: 40 },
      shadowed: [{ position: 5 }, { position: 6 }],
    });
    expect(parse((await run("explain", session, "-o", "yaml")).stdout)).toEqual(json);
  });

  it("exits with 1 for an identity that the cluster refuses", async () => {
    const { code, stdout } = await run("explain", "arn:aws:iam::999999999999:role/nobody");
    expect(code).toBe(1);
    expect(stdout).toContain('Not mapped in manifest "aws-auth.yaml": its logins are refused.');
  });
});

describe("a map with likely mistakes", () => {
  const jane = "arn:aws:iam::111122223333:user/jane";
  const mapRoles = `- rolearn: arn:aws:iam::111122223333:role/node
  username: system:node:{{EC2PrivateDNSName}}
    - system:bootstrappers
    - system:nodes
`;
  const mapUsers = `- userarn: ${jane}\n  username: jane-{{EC2PrivateDNSName}}\n`;
  beforeAll(() => writeFile(join(directory, "doubtful.yaml"), manifestOf({ mapRoles, mapUsers })));
  const runOn = (...args: string[]) => runCli([...args, "--manifest", "doubtful.yaml"], { cwd: directory });

  it("explains an entry by which every login is refused, with exit code 1", async () => {
    const { code, stdout } = await runOn("explain", jane);
    expect(code).toBe(1);
    expect(stdout).toBe(`${jane}

Mapped in manifest "doubtful.yaml", but its logins are refused:
  given by    mapUsers entry 1 (line 13, 1 of the key)

Notes:
  - Username "jane-{{EC2PrivateDNSName}}" has {{EC2PrivateDNSName}}, which only a role's session on an EC2 instance has, so the authenticator refuses every login of "arn:aws:iam::111122223333:user/jane"; map the role of the instances, or remove {{EC2PrivateDNSName}}.
`);
    const json = JSON.parse((await runOn("explain", jane, "-o", "json")).stdout);
    expect(json).toMatchObject({ mapped: false, givenBy: { key: "mapUsers", position: 1 } });
    expect(json).not.toHaveProperty("username");
  });

  it("lints it with the line of the list, in the file and in the key", async () => {
    const { stdout } = await runOn("lint");
    expect(stdout).toContain(`error  mapRoles entry 1 (line 8, 1 of the key)  [swallowed-list]
  "arn:aws:iam::111122223333:role/node"
  username "system:node:{{EC2PrivateDNSName}} - system:bootstrappers - system:nodes" swallowed the 2 list items below it (from line 10, 3 of the key), since YAML reads more deeply indented lines as the rest of an unquoted string; put "groups:" on a line of its own before them
`);
    expect(stdout).toMatch(/\n2 errors and 0 warnings in manifest "doubtful.yaml"\n$/);
  });
});

describe("lint", () => {
  it("prints each finding with its place, counts them, and exits with 1 for errors", async () => {
    const { code, stdout, stderr } = await run("lint");
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain(`error  mapRoles entry 15 (line 68, 61 of the key)  [assumed-role]
  "arn:aws:sts::111122223333:assumed-role/ci/session"
  this entry never matches: arn "arn:aws:sts::111122223333:assumed-role/ci/session" is a session of a role, which aws-auth never matches; use the role's ARN "arn:aws:iam::111122223333:role/ci"
`);
    expect(stdout).toMatch(/\n6 errors and 8 warnings in manifest "aws-auth.yaml"\n$/);
  });

  it("prints the same as json and as yaml", async () => {
    const findings = JSON.parse((await run("lint", "-o", "json")).stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: "repeated",
        severity: "warning",
        key: "mapRoles",
        position: 8,
        line: 37,
        fileLine: 44,
      }),
    );
    expect(parse((await run("lint", "-o", "yaml")).stdout)).toEqual(findings);
  });

  it("exits with 0 for warnings, unless told to be strict", async () => {
    await writeFile(
      join(directory, "aws-auth.yaml"),
      historicManifest.replace(/ {2}map(Roles|Users): \|\n(?: {4}.*\n|\n)+/g, ""),
    );
    const { code, stdout } = await run("lint");
    expect(stdout).toContain("0 errors and 2 warnings");
    expect(code).toBe(0);
    expect((await run("lint", "--strict")).code).toBe(1);
  });
});
