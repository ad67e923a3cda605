import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { claimsAnnotation } from "../../provider/claims.ts";
import { mappingsIn } from "../support/engine/state.ts";
import { repository } from "../support/engine/testProject.ts";
import { claims, startEveryForm } from "./everyForm.ts";

const { version }: { version: string } = JSON.parse(readFileSync(join(repository, "package.json"), "utf8"));

describe("the state that this version writes", () => {
  // A new version has no file yet: `NIGHTLY=1 npx vitest run tests/upgrade/newState.nightly.ts --update` makes it, and it stays for
  // ever.
  it(`is the one kept in states/${version}.json, with the record of claims that belongs to it`, async () => {
    const { project, eks } = await startEveryForm();
    expect(await project.up()).toMatchObject({ code: 0, output: expect.stringContaining("+ 5 created") });
    const state = await project.state();
    await expect(withoutAccidents(state)).toMatchFileSnapshot(`states/${version}.json`);
    const known = (record = "") => withKnownIds(record, state).split("\n");
    expect(known(eks.annotations[claimsAnnotation])).toEqual(claims.eks);
    const manifest = withKnownIds(await project.read("aws-auth.yaml"), state);
    expect(manifest.match(/(?<=^ {6})\S+ claim000\.\d+ .*$/gm)).toEqual(claims.manifest);
  });
});

/** A string with the IDs of a state's claims numbered in the order of the resources' names. */
function withKnownIds(text: string, state: string): string {
  const ids = mappingsIn(state)
    .sort(byUrn)
    .map(({ outputs }) => String(outputs["__claim"]));
  return ids.reduce((known, id, index) => known.replaceAll(id, `claim000.00000${index + 1}`), text);
}

/**
 * What differs from run to run: times, order, IDs of claims, the default provider's id, the stack's salt, and where the program
 * lies.
 */
function withoutAccidents(state: string): string {
  const exported: { deployment: { resources: { urn: string }[] } } = JSON.parse(
    withKnownIds(state, state),
    (key, value: unknown) => {
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
    },
  );
  const [stack, provider, ...others] = exported.deployment.resources;
  // The engine's own provider, which a preview reads the state with, belongs to the engine.
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
