import { describe, expect, it } from "vitest";
import { changesSince } from "../../../provider/review/changes.ts";
import { parseEarlierReview, readEarlierReview } from "../../../provider/review/earlierReview.ts";
import { companyReview, hostileReview } from "../../support/review/sample.ts";

const review = companyReview();

describe("an earlier review", () => {
  it.each([review, hostileReview()])("compares as the one that was written", (written) => {
    const read = parseEarlierReview(JSON.stringify(written), "review.json");
    const { identities, clusters } = changesSince(written, read);
    expect([identities, clusters]).toEqual([[], []]);
  });

  it.each([
    ["no JSON", "{", 'it is not an access review; give a file that "review -o json" printed'],
    [
      "something else",
      '{"kind": "ConfigMap"}',
      'it is not an access review; give a file that "review -o json" printed',
    ],
    ["a list", "[]", 'it is not an access review; give a file that "review -o json" printed'],
    [
      "a newer one",
      '{"kind": "AccessReview", "schemaVersion": 2}',
      "its schemaVersion 2 is newer than this version of pulumi-aws-auth reads 1; update the package",
    ],
    [
      "one without clusters",
      '{"kind": "AccessReview", "schemaVersion": 1, "createdAt": "x"}',
      'it is not a whole access review: clusters is not a list; give a file that "review -o json" printed',
    ],
    [
      "one that somebody has edited",
      JSON.stringify(review).replace('"effect":"counts"', '"effect":"perhaps"'),
      'it is not a whole access review: clusters[0].identities[0].entries[0].effect is not one of counts, mayCount, shadowed, dead; give a file that "review -o json" printed',
    ],
  ])("is refused where it is %s", (_, text, reason) => {
    expect(() => parseEarlierReview(text, "a.json")).toThrow(
      expect.objectContaining({
        code: "invalidInput",
        message: `the earlier review "a.json" cannot be compared with: ${reason}`,
      }),
    );
  });

  it.each([
    ["not-there.json", "there is no such file"],
    [".", "it is a directory"],
    ["/dev/null", "it is a pipe or a device, not a file"],
  ])("is refused where %s is no file", async (path, reason) => {
    await expect(readEarlierReview(path)).rejects.toThrow(reason);
  });
});
