import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { repository } from "../support/engine/testProject.ts";
import { startEveryForm } from "./everyForm.ts";

const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

describe("the state that this version writes", () => {
  // A new version has no file yet: `NIGHTLY=1 npx vitest run tests/upgrade/newState.nightly.ts --update` makes it, and it stays for ever.
  it(`is the one kept in states/${version}.json`, async () => {
    const { project } = await startEveryForm();
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 6 created") });
    await expect(withoutAccidents(await project.state())).toMatchFileSnapshot(`states/${version}.json`);
  });
});

/** What differs from run to run: times, order, the default provider's id, the stack's salt, and where the program lies. */
function withoutAccidents(state: string): string {
  const exported: { deployment: { resources: { urn: string }[] } } = JSON.parse(state, (key, value: unknown) => {
    switch (key) {
      case "time":
      case "created":
      case "modified":
        return "2026-01-01T00:00:00Z";
      case "secrets_providers":
      case "sourcePosition":
      case "stackTrace":
        return undefined;
      default:
        return value;
    }
  });
  const [stack, provider, ...mappings] = exported.deployment.resources;
  mappings.sort((a, b) => a.urn.localeCompare(b.urn));
  const deployment = { ...exported.deployment, resources: [stack, provider, ...mappings] };
  const text = JSON.stringify({ ...exported, deployment }, undefined, 2);
  return `${text.replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "11111111-2222-4333-8444-555555555555")}\n`;
}
