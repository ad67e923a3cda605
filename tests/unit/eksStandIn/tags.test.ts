import { ListTagsForResourceCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-eks";
import { describe, expect, it } from "vitest";
import { createEntry, describeEntry, world } from "./world.ts";

const manyTags = Object.fromEntries(Array.from({ length: 51 }, (_, index) => [`tag-${index}`, ""]));

describe("tags of an access entry", () => {
  it("are added, replaced, listed and taken away one by one", async () => {
    const { eks } = await world();
    const { accessEntryArn: resourceArn } = await createEntry(eks, { tags: { a: "1", b: "2" } });
    await eks.send(new TagResourceCommand({ resourceArn, tags: { b: "3", "x/y z": "ü" } }));
    expect(await eks.send(new ListTagsForResourceCommand({ resourceArn }))).toMatchObject({
      tags: { a: "1", b: "3", "x/y z": "ü" },
    });
    await eks.send(new UntagResourceCommand({ resourceArn, tagKeys: ["a", "x/y z", "none"] }));
    expect(await describeEntry(eks)).toMatchObject({ tags: { b: "3" } });
  });

  it.each([
    ["too many", manyTags],
    ["a key of AWS", { "aws:x": "" }],
    ["a key without a letter", { "": "" }],
    ["a long key", { ["k".repeat(129)]: "" }],
    ["a long value", { k: "v".repeat(257) }],
  ])("are refused: %s", async (_title, tags) => {
    const { eks } = await world();
    await expect(createEntry(eks, { tags })).rejects.toMatchObject({ name: "InvalidParameterException" });
    const { accessEntryArn: resourceArn } = await createEntry(eks);
    await expect(eks.send(new TagResourceCommand({ resourceArn, tags }))).rejects.toMatchObject({
      name: "BadRequestException",
      $metadata: { httpStatusCode: 400 },
    });
  });

  it("may be as many and as long as AWS allows", async () => {
    const { eks } = await world();
    const { "tag-50": _one, "tag-49": _two, ...some } = manyTags;
    const allowed = { ...some, ["k".repeat(128)]: "v".repeat(256) };
    expect(Object.keys((await createEntry(eks, { tags: allowed })).tags ?? {})).toHaveLength(50);
  });

  it("are not found where there is no such entry", async () => {
    const { eks } = await world();
    const { accessEntryArn: resourceArn } = await createEntry(eks);
    await expect(
      eks.send(new TagResourceCommand({ resourceArn: `${resourceArn}x`, tags: { a: "b" } })),
    ).rejects.toMatchObject({ name: "NotFoundException", $metadata: { httpStatusCode: 404 } });
    await expect(eks.send(new ListTagsForResourceCommand({ resourceArn: "prod" }))).rejects.toMatchObject({
      name: "BadRequestException",
    });
  });
});
