import { AwsAuthError } from "../../errors";
import { appended, ManifestEditor } from "./manifestEditor";
import { type Manifest, newManifest, parseManifest } from "./parseManifest";

/**
 * Sets data keys of the ConfigMap in a manifest. All other bytes of the text stay as they are, comments included; what is new is
 * written as block literals, or double-quoted inside of `{}` and where a block literal cannot hold it.
 *
 * @param text the file's content, without a byte order mark; without any document, one is added
 * @param label names the file in messages
 * @throws AwsAuthError `notConfigMap`, also for a key that cannot be changed without changing more.
 */
export async function editManifest(
  text: string,
  changes: Readonly<Record<string, string>>,
  label: string,
): Promise<string> {
  const yaml = await import("yaml");
  const eol = text.includes("\r\n") ? "\r\n" : "\n";
  const before = await parseManifest(text, label);
  let edited = before === undefined ? appended(text, newManifest(eol), eol) : text;
  for (const [key, value] of Object.entries(changes)) {
    const manifest = await parseManifest(edited, label);
    if (manifest !== undefined && manifest.data[key] !== value) {
      edited = new ManifestEditor(edited, eol, yaml).setKey(manifest.root, key, value);
    }
  }
  await verify(edited, changes, before, label);
  return edited;
}

/** Reads the result again: whatever form the file is written in, nothing but the given keys may have changed. */
async function verify(
  edited: string,
  changes: Readonly<Record<string, string>>,
  before: Manifest | undefined,
  label: string,
) {
  let after: Manifest | undefined;
  try {
    after = await parseManifest(edited, label);
  } catch (error) {
    throw cannotEdit(changes, label, error);
  }
  const wanted = { ...before?.data, ...changes };
  const exact =
    after !== undefined &&
    (before === undefined || after.rest === before.rest) &&
    Object.keys(after.data).length === Object.keys(wanted).length &&
    Object.entries(wanted).every(([key, value]) => after.data[key] === value);
  if (!exact) {
    throw cannotEdit(changes, label);
  }
}

function cannotEdit(changes: Readonly<Record<string, string>>, label: string, cause?: unknown): AwsAuthError {
  const keys = Object.keys(changes).join(", ");
  return new AwsAuthError(
    "notConfigMap",
    `${label} cannot be edited in place: data.${keys} is written in a form (an anchor, an alias, a tag) where more than it would change; write it as a block literal`,
    { cause },
  );
}
