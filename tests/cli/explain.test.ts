import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
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

Without effect:
  - mapRoles entry 5 (line 32, 25 of the key), "arn:aws:iam::111122223333:role/dev", username "dev-of-2019", groups ["viewers"]
  - mapRoles entry 6 (line 35, 28 of the key), "arn:aws:iam::111122223333:role/DEV", username "dev", groups ["developers", "viewers"]

For the same name in another account, kind or path:
  - mapRoles entry 18 (line 75, 68 of the key), "arn:aws-cn:iam::111122223333:role/dev", username "dev-in-china", no groups
  - mapRoles entry 19 (line 77, 70 of the key), "arn:aws:iam::444455556666:role/dev", username "it's \\"quoted\\" \\\\ and \${odd}", groups ["a: b", "tab\\tbed"]
  - mapUsers entry 3 (line 90, 7 of the key), "arn:aws:iam::111122223333:user/dev", username "dev-user", groups ["développeurs", "開発者"]
`,
    });
  });

  it("prints the same as json", async () => {
    const json = JSON.parse((await run("explain", session, "-o", "json")).stdout);
    expect(json).toMatchObject({
      arn: session,
      canonicalArn: "arn:aws:iam::111122223333:role/dev",
      answer: "yes",
      logins: [
        {
          username: "dev:jane",
          groups: ["developers", "viewers"],
          givenBy: { key: "mapRoles", position: 7, line: 33, fileLine: 40 },
        },
      ],
      shadowed: [{ position: 5 }, { position: 6 }],
    });
  });

  it("exits with 1 for an identity that the cluster refuses", async () => {
    const { code, stdout } = await run("explain", "arn:aws:iam::999999999999:role/nobody");
    expect(code).toBe(1);
    expect(stdout).toContain('No access to manifest "aws-auth.yaml":\n\n  given by    no entry\n');
  });
});

describe("a map with a template that no user fills", () => {
  const jane = "arn:aws:iam::111122223333:user/jane";
  const mapRoles = `- rolearn: arn:aws:iam::111122223333:role/node
  username: system:node:{{EC2PrivateDNSName}}
  groups: [system:bootstrappers,
    system:nodes]
`;
  const mapUsers = `- userarn: ${jane}\n  username: jane-{{EC2PrivateDNSName}}\n`;
  beforeAll(() => writeFile(join(directory, "doubtful.yaml"), manifestOf({ mapRoles, mapUsers })));
  const runOn = (...args: string[]) => runCli([...args, "--manifest", "doubtful.yaml"], { cwd: directory });

  it("explains an entry by which every login is refused, with exit code 1", async () => {
    const { code, stdout } = await runOn("explain", jane);
    expect([code, stdout]).toEqual([
      1,
      `${jane}

No access to manifest "doubtful.yaml":

  refused     {{EC2PrivateDNSName}} needs a session that is named after an EC2 instance
  given by    mapUsers entry 1 (line 13, 1 of the key)
`,
    ]);
    const json = JSON.parse((await runOn("explain", jane, "-o", "json")).stdout);
    expect(json).toMatchObject({ answer: "no", logins: [{ givenBy: { key: "mapUsers", position: 1 } }] });
    expect(json.logins[0]).not.toHaveProperty("username");
  });

  it("answers unknown, with exit code 2, where a key cannot be read", async () => {
    await writeFile(join(directory, "broken.yaml"), manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }));
    const { code, stdout, stderr } = await runCli(["explain", jane, "--manifest", "broken.yaml"], { cwd: directory });
    expect([code, stdout]).toEqual([2, expect.stringContaining('Unknown in manifest "broken.yaml":')]);
    expect(stderr).toMatch(/^note: mapRoles cannot be read; line \d+/);
  });
});

describe("lint", () => {
  it("prints each finding with its place, counts them, and exits with 1 for errors", async () => {
    const { code, stdout, stderr } = await run("lint");
    expect([code, stderr]).toEqual([1, ""]);
    expect(stdout).toContain(`error  mapRoles entry 15 (line 68, 61 of the key)  [never-matches]
  "arn:aws:sts::111122223333:assumed-role/ci/session"
  no identity matches this entry: arn "arn:aws:sts::111122223333:assumed-role/ci/session" is a session of a role, which aws-auth never matches; use the role's ARN "arn:aws:iam::111122223333:role/ci"
`);
    expect(stdout).toMatch(/\n6 errors and 7 warnings in manifest "aws-auth.yaml"\n$/);
  });

  it("prints the same as json", async () => {
    const findings = JSON.parse((await run("lint", "-o", "json")).stdout);
    expect(findings).toContainEqual(
      expect.objectContaining({
        rule: "shadowed",
        severity: "warning",
        key: "mapRoles",
        position: 8,
        line: 37,
        fileLine: 44,
      }),
    );
  });

  it("exits with 0 for warnings, unless told to be strict", async () => {
    await writeFile(
      join(directory, "aws-auth.yaml"),
      historicManifest.replace(/ {2}map(Roles|Users): \|\n(?: {4}.*\n|\n)+/g, ""),
    );
    const { code, stdout } = await run("lint");
    expect(stdout).toContain("0 errors and 1 warning");
    expect(code).toBe(0);
    expect((await run("lint", "--strict")).code).toBe(1);
  });
});
