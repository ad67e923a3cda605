import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claimsAnnotation } from "../../../provider/claims.ts";
import { mappingsOf } from "../../support/engine/state.ts";
import { repository } from "../../support/engine/testProject.ts";
import { claims, startEveryForm } from "./everyForm.ts";

const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

describe("the state that this version writes", () => {
  // For a new version, `NIGHTLY=1 npx vitest run tests/engine/upgrade/newState.nightly.ts --update` creates the file. It never changes
  // after the release.
  it(`equals states/${version}.json, and its claims are the recorded ones`, async () => {
    const { project, eks } = await startEveryForm();
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 created") });
    const ids = (await mappingsOf(project)).toSorted(byUrn).map(({ outputs }) => String(outputs["__claim"]));
    /** Replaces the random parts of claims by numbers in the order of the resources' names. */
    const known = (text: string) =>
      ids.reduce((result, id, index) => result.replaceAll(id, `${id.slice(0, 9)}00000${index + 1}`), text);
    const state = (await project.pulumi("stack", "export")).output;
    await expect(normalized(known(state))).toMatchFileSnapshot(`states/${version}.json`);
    expect(known(eks.annotations[claimsAnnotation] ?? "").split("\n")).toEqual(claims.eks);
    const manifest = known(await project.read("aws-auth.yaml"));
    expect(manifest.match(/(?<=^ {6})\S+ \w{8}\.\d+ .*$/gm)).toEqual(claims.manifest);
  });
});

/** Removes what differs between runs: times, order, the default provider's ID, the stack's salt, and the path of the program. */
function normalized(state: string): string {
  const variable = ["secrets_providers", "sourcePosition", "stackTrace"];
  const exported: { deployment: { resources: { urn: string }[] } } = JSON.parse(state, (key, value: unknown) => {
    const isTime = ["time", "created", "modified"].includes(key);
    return variable.includes(key) ? undefined : isTime ? "2026-01-01T00:00:00Z" : value;
  });
  const [stack, provider, ...others] = exported.deployment.resources;
  // The engine's own provider, with which a preview reads the state, depends on the engine's version.
  const mappings = others.filter(({ urn }) => !urn.includes("::pulumi:providers:pulumi::")).sort(byUrn);
  const deployment = { ...exported.deployment, resources: [stack, provider, ...mappings] };
  const text = JSON.stringify({ ...exported, deployment }, undefined, 2);
  const anonymous = text.replace(
    /\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g,
    "11111111-2222-4333-8444-555555555555",
  );
  return `${anonymous}\n`;
}

function byUrn(a: { readonly urn: string }, b: { readonly urn: string }): number {
  return a.urn.localeCompare(b.urn);
}
