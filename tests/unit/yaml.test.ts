import { describe, expect, it } from "vitest";
import { appendEntry, changesSince, parseMap } from "../../provider/awsAuthMap/index.ts";
import { parseKubeconfig } from "../../provider/cluster/kubeconfig/kubeconfig.ts";
import { editManifest, parseManifest } from "../../provider/cluster/manifest/editManifest.ts";
import { AwsAuthError } from "../../provider/errors.ts";
import { clusterAccess } from "../../provider/identity/clusterAccess.ts";
import { identityOf } from "../../provider/identity/identity.ts";
import { whoLogsIn } from "../../provider/identity/whoLogsIn.ts";
import { lintMap } from "../../provider/lint.ts";
import { redact } from "../../provider/text/text.ts";
import { yamlSource } from "../../sdk/configFile.ts";
import { patience, yamlBombs } from "../support/hostile/yamlBombs.ts";

const arn = "arn:aws:iam::111122223333:role/new";

/** All that is done with a map: read, explained, looked through, edited. */
function useMap(mapRoles: string): void {
  const document = parseMap({ mapRoles });
  whoLogsIn(clusterAccess(document), identityOf(arn));
  lintMap({ data: { mapRoles }, access: clusterAccess(document) });
  const edited = appendEntry(document, { kind: "role", arn, username: "new", groups: [] });
  parseMap(changesSince(edited, document)?.data ?? {}, edited);
}

const manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";

/** Everything that reads YAML of others. */
const readers: Readonly<Record<string, (text: string) => unknown>> = {
  "the map": useMap,
  "a manifest": (text) => parseManifest(`${manifest}more:\n${text}`, "manifest"),
  "a manifest's key": (text) => editManifest("", { data: { mapRoles: text } }, "manifest"),
  "a kubeconfig": (text) => parseKubeconfig(`clusters:\n${text}`, "kubeconfig", "/"),
  "a ClusterConfig": (text) => yamlSource(`iamIdentityMappings:\n${text}`, "cluster.yaml"),
};

/** The processor's time, since other tests run beside this one. */
function millisecondsSince(start: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000;
}

/** The error, if any; undefined where the text was harmless. */
async function problemOf(read: () => unknown): Promise<unknown> {
  try {
    await read();
    return undefined;
  } catch (error) {
    return error;
  }
}

describe.each(Object.entries(readers))("%s", (_title, read) => {
  it.each(Object.entries(yamlBombs))("is read or refused in no time where it holds %s", async (_bomb, text) => {
    const start = process.cpuUsage();
    const problem = await problemOf(() => read(text));
    expect(millisecondsSince(start)).toBeLessThan(patience);
    if (problem !== undefined) {
      expect(problem).toBeInstanceOf(AwsAuthError);
    }
  });
});

describe("a YAML text", () => {
  const problem = (text: string) => problemOf(() => parseManifest(manifest + text, "manifest"));

  it.each([
    ["more: *a", "line 1, column 1: an alias or merge key has no target, or expands too far"],
    ["more: &a [*a]", "line 1, column 1: an alias or merge key has no target, or expands too far"],
    [
      `more:\n${yamlBombs["a billion laughs"]}`,
      "line 1, column 1: an alias or merge key has no target, or expands too far",
    ],
    [`more: ${"[".repeat(300)}`, "line 6, column 205: lists or maps are nested too deeply"],
    [`#${"x".repeat(5_000_000)}`, "line 1, column 1: it is longer than 4194304 characters"],
    ["more: {a: 1, a: 2}", "line 6, column 14: a key is repeated in a map: keep one of them"],
    ["data:\n  a: 1\n b: 2", "line 8, column 1: the YAML parser reports BAD_INDENT"],
    ['token: "t0p" t0p', "line 6, column 14: the YAML parser reports UNEXPECTED_TOKEN"],
  ])("is refused with its line, and quoted in no message: %#", async (text, message) => {
    expect(await problem(text)).toMatchObject({
      code: "notConfigMap",
      message: `manifest is not valid YAML; ${message}`,
    });
  });

  it("may use anchors as people do, any number of times", async () => {
    const uses = Array.from({ length: 500 }, () => "  - *one\n").join("");
    expect(await problem(`base: &one {a: b, c: [d]}\nuses:\n${uses}`)).toBeUndefined();
  });

  it("may nest as deep as a large CustomResourceDefinition does", async () => {
    expect(await problem(`more: ${"[".repeat(100)}${"]".repeat(100)}`)).toBeUndefined();
  });
});

describe("the text of a server or a plugin", () => {
  it.each(["eyJ", "\u001b[", "\u001b]", "X-Amz-Signature=", "-----BEGIN PRIVATE KEY-----", "token: ", "a ", " "])(
    "is shortened in no time where it repeats %j",
    (piece) => {
      const start = process.cpuUsage();
      expect(redact(piece.repeat(200_000)).length).toBeLessThan(600);
      expect(millisecondsSince(start)).toBeLessThan(1_000);
    },
  );
});
