import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { historicManifest } from "../support/cli/historicMap.ts";
import { runHere } from "../support/cli/runHere.ts";
import { manifestOf } from "../support/engine/manifest.ts";

let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "aws-auth-explain-"));
  await writeFile(join(directory, "aws-auth.yaml"), historicManifest);
});
afterAll(() => rm(directory, { recursive: true, force: true }));

/** Explains an identity, with the manifest's path in messages cut to its name. */
async function explain(arn: string, manifest: string, ...more: string[]) {
  const { code, out, err } = await runHere("explain", arn, "--manifest", join(directory, manifest), ...more);
  return { code, out: out.replaceAll(`${directory}/`, ""), err };
}

describe("explain", () => {
  const session = "arn:aws:sts::111122223333:assumed-role/dev/jane";
  const jane = "arn:aws:iam::111122223333:user/jane";

  it("prints who a session is, by which entry, what that shadows, and entries of the same name", async () => {
    expect(await explain(session, "aws-auth.yaml")).toEqual({
      code: 0,
      err: "",
      out: `arn:aws:sts::111122223333:assumed-role/dev/jane
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

  it("prints the same as JSON", async () => {
    expect(JSON.parse((await explain(session, "aws-auth.yaml", "-o", "json")).out)).toMatchObject({
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
    const { code, out } = await explain("arn:aws:iam::999999999999:role/nobody", "aws-auth.yaml");
    const text = 'No access to manifest "aws-auth.yaml":\n\n  given by    no entry\n';
    expect([code, out]).toEqual([1, expect.stringContaining(text)]);
  });

  it("explains an entry by which every login is refused, with exit code 1", async () => {
    const mapUsers = `- userarn: ${jane}\n  username: jane-{{EC2PrivateDNSName}}\n`;
    await writeFile(join(directory, "refusing.yaml"), manifestOf({ mapUsers }));
    const { code, out } = await explain(jane, "refusing.yaml");
    expect([code, out]).toEqual([
      1,
      `${jane}

No access to manifest "refusing.yaml":

  refused     {{EC2PrivateDNSName}} needs a session that is named after an EC2 instance
  given by    mapUsers entry 1 (line 8, 1 of the key)
`,
    ]);
    const json = JSON.parse((await explain(jane, "refusing.yaml", "-o", "json")).out);
    expect(json).toMatchObject({ answer: "no", logins: [{ givenBy: { key: "mapUsers", position: 1 } }] });
    expect(json.logins[0]).not.toHaveProperty("username");
  });

  it("answers unknown, with exit code 2, if a key cannot be read", async () => {
    await writeFile(join(directory, "broken.yaml"), manifestOf({ mapRoles: "- rolearn: x\n   username: bad\n" }));
    const { code, out, err } = await explain(jane, "broken.yaml");
    expect([code, out]).toEqual([2, expect.stringContaining('Unknown in manifest "broken.yaml":')]);
    expect(err).toMatch(/^note: mapRoles cannot be read; line \d+/);
  });
});
