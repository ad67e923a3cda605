import { describe, expect, it } from "vitest";
import { published } from "../../../provider/plugin/published.ts";
import { schema } from "../../../provider/plugin/schema/index.ts";

const from = (url: string) => published({ version: "1.2.3", homepage: "https://example.com", repository: { url } });

describe("where a version is published", () => {
  it("is the repository on GitHub that package.json names, from whose releases Pulumi downloads the plugin", () => {
    const urls = ["git+https://github.com/some-owner/some.repo.git", "https://github.com/some-owner/some.repo"];
    for (const url of urls) {
      expect(from(url)).toEqual({
        homepage: "https://example.com",
        repository: "https://github.com/some-owner/some.repo",
        pluginDownloadURL: "github://api.github.com/some-owner/some.repo",
      });
    }
  });

  it("is no download where Pulumi would not find one", () => {
    expect(from("git+https://git.example.com/owner/repo.git")).toEqual({
      homepage: "https://example.com",
      repository: "https://git.example.com/owner/repo",
    });
    expect(from("git@github.com:owner/repo.git")).toEqual({ homepage: "https://example.com" });
    expect(published({ version: "1.2.3" })).toEqual({});
  });

  it("is in the schema", () => {
    const repository = { url: "git+https://github.com/owner/repo.git" };
    const spec = schema("1.2.3", published({ version: "1.2.3", repository }));
    expect(spec).toMatchObject({ version: "1.2.3", pluginDownloadURL: "github://api.github.com/owner/repo" });
    expect("pluginDownloadURL" in schema("1.2.3")).toBe(false);
  });
});

it("the schema says what Pulumi's registry shows of a package", () => {
  const { displayName, description, publisher, license, keywords } = schema("1.2.3");
  expect([displayName, description, publisher, license].every((text) => text !== "")).toBe(true);
  // The two kinds of keywords that the registry itself reads.
  expect(keywords.filter((keyword) => keyword.includes("/"))).toEqual(["category/cloud", "kind/native"]);
});
