import { createRequire } from "node:module";
import { join } from "node:path";
import { repository } from "../../tests/support/engine/testProject.ts";
import { type BenchMapping, mappingNumber } from "../support/mappings.ts";

const load = createRequire(import.meta.url);
const built = <T>(module: string): T => load(join(repository, "dist", "provider", module));
const { claimsAnnotation, fingerprintOf }: typeof import("../../provider/document/record.ts") =
  built("document/record.js");
const { contextInput, writeContext }: typeof import("../../provider/lifecycle/context.ts") =
  built("lifecycle/context.js");
const { storedClaim }: typeof import("../../provider/lifecycle/state.ts") = built("lifecycle/state.js");

export { claimsAnnotation };

/** The maximum size of the claims, in bytes; beyond that, entries are written without a claim. */
const maxRecordBytes = 128 * 1024;

/** The inputs of a mapping as a program passes them to `check`. */
export function programInputs(mapping: BenchMapping, index: number): Record<string, unknown> {
  const context = {
    urn: `urn:pulumi:prod::bench::pulumi-nodejs:dynamic/aws-auth:IdentityMapping::m${index}`,
    label: labelNumber(index),
    ignoreChanges: [],
    isPreview: false,
    secrets: [],
    prefetch: undefined,
  };
  return { ...mapping, [contextInput]: writeContext(context) };
}

/** The claim in a mapping's inputs, and in its outputs if it has an ID. */
export function claimNumber(index: number, id?: unknown): { __claim: string } {
  return { __claim: `${id ?? ""}:${labelNumber(index)}` };
}

/** The ID that a mapping was given when it was created. */
export function claimIdOf({ outs }: { readonly outs?: Readonly<Record<string, unknown>> }): string | undefined {
  return storedClaim(outs ?? {}).id;
}

/** The ID of a claim that is in the record from the beginning. */
export function idNumber(index: number): string {
  return index.toString(36).padStart(6, "0");
}

/**
 * The claims of a map with that many mappings: of all of them, or of as many as fit.
 *
 * @param more the number of additional claims that must fit.
 */
export function recordOf(count: number, more: number): string {
  const lines = Array.from({ length: count }, (_, index) => lineNumber(index));
  const longest = Math.max(...lines.map(({ length }) => length)) + 1;
  const most = Math.floor(maxRecordBytes / longest) - more;
  return lines.slice(0, most).sort().join("\n");
}

function labelNumber(index: number): string {
  return `organization/bench/prod m${index}`;
}

function lineNumber(index: number): string {
  const fingerprint = fingerprintOf({ ...mappingNumber(index) });
  return `111122223333:role/m${index} ${fingerprint} ${idNumber(index)} ${labelNumber(index)}`;
}
