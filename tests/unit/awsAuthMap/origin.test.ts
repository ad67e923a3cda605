import { describe, expect, it } from "vitest";
import { assertReadable, parseMap } from "../../../provider/awsAuthMap/index.ts";
import { parseManifest } from "../../../provider/cluster/manifest/editManifest.ts";
import { placedEntries, placeOf } from "../../../provider/identity/placedEntry.ts";

const head = "# a comment\napiVersion: v1\nkind: ConfigMap\nmetadata: {name: aws-auth}\ndata:\n";
const label = 'manifest "aws-auth.yaml"';

async function read(data: string) {
  const manifest = parseManifest(head + data, label);
  return parseMap(manifest?.data ?? {}, undefined, undefined, { label, places: manifest?.places });
}

describe("a line of a manifest", () => {
  it.each([
    ["a literal", "  mapRoles: |\n    # c\n    - rolearn: a\n", "mapRoles entry 1 (line 8, 2 of the key)"],
    [
      "one with an indentation of its own",
      "  mapRoles: |2\n      - rolearn: a\n",
      "mapRoles entry 1 (line 7, 1 of the key)",
    ],
    ["one behind blank lines", "  mapRoles: |\n\n\n    - rolearn: a\n", "mapRoles entry 1 (line 9, 3 of the key)"],
    [
      "quotes, whose lines are all on one of the file",
      '  mapRoles: "- rolearn: a\\n- rolearn: b\\n"\n',
      "mapRoles entry 1 (line 6, 1 of the key)",
    ],
    ["a folded block", "  mapRoles: >\n    - rolearn: a\n", "mapRoles entry 1 (line 6, 1 of the key)"],
  ])("is the file's own, with the key's beside it, in %s", async (_title, data, place) => {
    const [first] = placedEntries(await read(data));
    expect(first && placeOf(first)).toBe(place);
  });

  it("is named with its file and column by the error for a key that cannot be read", async () => {
    const document = await read("  mapRoles: |\n    - rolearn: a\n       username: b\n");
    expect(() => assertReadable(document, "mapRoles")).toThrow(
      `mapRoles in ${label} cannot be read; line 8, column 8 (line 2 of the key): the indentation does not fit`,
    );
  });

  it("is that of the key by the error for quotes that cannot be read", async () => {
    const document = await read('  mapRoles: "- rolearn: a\\n   username: b\\n"\n');
    expect(() => assertReadable(document, "mapRoles")).toThrow("line 6 (line 2, column 4 of the key): the indentation");
  });

  it("is the key's in a ConfigMap of a cluster, which the error names", () => {
    const origin = { label: 'EKS cluster "prod" (eu-central-1)' };
    const document = parseMap({ mapRoles: "- rolearn: a\n   username: b\n" }, undefined, undefined, origin);
    expect(() => assertReadable(document, "mapRoles")).toThrow(
      'mapRoles in kube-system/aws-auth of EKS cluster "prod" (eu-central-1) cannot be read; line 2, column 4: the',
    );
  });
});
