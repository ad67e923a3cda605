import { claimsAnnotation, type MapChanges } from "../../document";
import { AwsAuthError } from "../../errors";
import { appended, ManifestEditor } from "./manifestEditor";
import { type Manifest, newManifest, parseManifest } from "./parseManifest";

/**
 * Sets data keys and the record of claims of the ConfigMap in a manifest. All other bytes of the text stay as they are, comments
 * included. A value keeps its style where that can hold it; what is new is written as block literals, or double-quoted inside of `{}`
 * and where a block literal cannot hold it.
 *
 * @param text the file's content, without a byte order mark; without any document, one is added
 * @param label names the file in messages
 * @throws AwsAuthError `notConfigMap`, also for a key that cannot be changed without changing more.
 */
export async function editManifest(text: string, changes: MapChanges, label: string): Promise<string> {
  const yaml = await import("yaml");
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const before = await parseManifest(text, label);
  let edited = before === undefined ? appended(text, newManifest(eol), eol) : text;
  for (const [key, value] of Object.entries(changes.data)) {
    const manifest = await parseManifest(edited, label);
    if (manifest !== undefined && manifest.data[key] !== value) {
      edited = new ManifestEditor(edited, eol, yaml).setKey(manifest.root, key, value);
    }
  }
  const manifest = changes.claims === undefined ? undefined : await parseManifest(edited, label);
  if (manifest !== undefined && manifest.claims !== (changes.claims ?? undefined)) {
    const editor = new ManifestEditor(edited, eol, yaml);
    edited =
      changes.claims == null
        ? editor.removeAnnotation(manifest.root, claimsAnnotation)
        : editor.setAnnotation(manifest.root, claimsAnnotation, changes.claims);
  }
  await verify(edited, changes, before, label);
  return edited;
}

/** Reads the result again: whatever form the file is written in, nothing but the given keys may have changed. */
async function verify(edited: string, changes: MapChanges, before: Manifest | undefined, label: string) {
  let after: Manifest | undefined;
  try {
    after = await parseManifest(edited, label);
  } catch (error) {
    throw cannotEdit(changes, label, error);
  }
  const wanted = { ...before?.data, ...changes.data };
  const claims = changes.claims === undefined ? before?.claims : (changes.claims ?? undefined);
  const exact =
    after !== undefined &&
    (before === undefined || after.rest === before.rest) &&
    after.claims === claims &&
    Object.keys(after.data).length === Object.keys(wanted).length &&
    Object.entries(wanted).every(([key, value]) => after.data[key] === value);
  if (!exact) {
    throw cannotEdit(changes, label);
  }
}

function cannotEdit({ data, claims }: MapChanges, label: string, cause?: unknown): AwsAuthError {
  const keys = [
    ...Object.keys(data).map((key) => `data.${key}`),
    ...(claims === undefined ? [] : [`metadata.annotations["${claimsAnnotation}"]`]),
  ].join(", ");
  return new AwsAuthError(
    "notConfigMap",
    `${label} cannot be edited in place: ${keys} is written in a form (an anchor, an alias, a tag) where more than it would change; write it as a block literal`,
    { cause },
  );
}
