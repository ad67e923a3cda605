import { describe, expect, it } from "vitest";
import { type ReleaseFacts, releaseProblems } from "../../../scripts/releaseProblems.ts";

const ready: ReleaseFacts = {
  version: "1.2.3",
  changelog:
    "# Changelog\n\n## [Unreleased]\n\n## [1.2.3] - 2026-05-01\n\n### Added\n\n- Do this.\n\n## [1.2.2] - 2026-04-01\n\n- That.\n",
  status: "",
  tags: ["v1.2.2", ""],
  states: ["1.2.2.json", "1.2.3.json"],
};

describe("a release", () => {
  it("may go out when everything is in order", () => {
    expect(releaseProblems(ready)).toEqual([]);
  });

  it.each<[string, Partial<ReleaseFacts>, string]>([
    ["a version that is none", { version: "1.2" }, "is no semantic version"],
    ["uncommitted changes", { status: " M README.md\n" }, "commit or stash these changes:\n M README.md"],
    ["a version that was released", { tags: ["v1.2.3"] }, "v1.2.3 is already released"],
    [
      "a changelog that has only the section Unreleased",
      { changelog: "## [Unreleased]\n\n- Do this.\n" },
      'no section "## [1.2.3] - DATE"',
    ],
    [
      "a section without content",
      { changelog: "## [1.2.3] - 2026-05-01\n\n## [1.2.2] - 2026-04-01\n\n- That.\n" },
      "says nothing",
    ],
    ["no state for later versions to be tested by", { states: ["1.2.2.json"] }, "has no 1.2.3.json"],
  ])("is stopped by %s", (_, facts, message) => {
    expect(releaseProblems({ ...ready, ...facts })).toContainEqual(expect.stringContaining(message));
  });

  it("is told every problem at once", () => {
    expect(releaseProblems({ ...ready, status: "?? x\n", tags: ["v1.2.3"], changelog: "", states: [] })).toHaveLength(
      4,
    );
  });
});
