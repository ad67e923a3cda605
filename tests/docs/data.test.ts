import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { readPages } from "../support/docs/markdown.ts";
import { repository } from "../support/engine/testProject.ts";

const examples = readdirSync(join(repository, "examples"), { recursive: true, encoding: "utf8" })
  .filter((file) => /\.ya?ml$/.test(file))
  .map((file) => ({ place: join("examples", file), text: readFileSync(join(repository, "examples", file), "utf8") }));
const blocks = readPages().flatMap((page) => page.blocks);

describe("data in the documents and the examples", () => {
  it("is valid YAML", () => {
    const texts = [...blocks.filter(({ language }) => language === "yaml"), ...examples];
    expect(texts.length).toBeGreaterThan(15);
    const problems = texts.flatMap(({ place, text }) =>
      parseAllDocuments(text).flatMap(({ errors }) => errors.map(({ message }) => `${place} ${message}`)),
    );
    expect(problems).toEqual([]);
  });

  it("is valid JSON", () => {
    for (const { text } of blocks.filter(({ language }) => language === "json")) {
      JSON.parse(text);
    }
  });
});
