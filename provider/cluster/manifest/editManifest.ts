import type { Scalar, YAMLMap } from "yaml";
import type { KeyPlace, MapChanges } from "../../awsAuthMap";
import { claimsAnnotation } from "../../claims";
import { AwsAuthError } from "../../errors";
import { fieldsOf, isFields } from "../../text/fields";
import { quoted } from "../../text/text";
import { lineBreakAt } from "./literal";
import { appended, ManifestEditor } from "./manifestEditor";

/** The ConfigMap kube-system/aws-auth as a manifest contains it. */
interface Manifest {
  /** All data keys. */
  readonly data: Readonly<Record<string, string>>;
  /** The annotation with the record of claims; undefined if there is none. */
  readonly claims: string | undefined;
  /** All other content of the file, in a form that can be compared. */
  readonly rest: string;
  /** Where the text of each key begins in the file, for keys whose lines are lines of the file. */
  readonly places: Readonly<Record<string, KeyPlace>>;
  /** The ConfigMap's root node, with source positions. */
  readonly root: YAMLMap;
}

/**
 * Finds the ConfigMap among the documents of a manifest.
 *
 * @param text the file's content, without a byte order mark
 * @param label names the file in messages
 * @returns undefined for a file without any document
 * @throws AwsAuthError `notConfigMap`.
 */
export async function parseManifest(text: string, label: string): Promise<Manifest | undefined> {
  const [yaml, { readForeignYaml }] = await Promise.all([import("yaml"), import("../../yaml.js")]);
  const { documents, problem, lineOf } = readForeignYaml(text);
  if (problem !== undefined) {
    const { line, column, reason } = problem;
    throw notConfigMap(label, `is not valid YAML; line ${line}, column ${column}: ${reason}`);
  }
  const read = documents.map(({ document, value }) => {
    return {
      value,
      root: yaml.isMap(document.contents) ? document.contents : undefined,
      other: otherThanAwsAuth(value),
    };
  });
  const [found, ...more] = read.filter(({ other }) => other === undefined);
  if (more.length > 0) {
    throw notConfigMap(label, `holds ${expected} ${more.length + 1} times; keep one of them`);
  }
  if (found?.root === undefined) {
    const others = [...new Set(read.map(({ other }) => other).filter((other) => other !== nothing))];
    if (others.length > 0) {
      throw notConfigMap(label, `holds ${others.join(", ")}; it must hold ${expected}`);
    }
    return undefined;
  }
  const { data, metadata, ...others } = fieldsOf(found.value);
  const { annotations, ...named } = fieldsOf(metadata);
  const { [claimsAnnotation]: claims, ...foreign } = fieldsOf(annotations);
  // Missing annotations and an empty map are the same to Kubernetes. Anything else than a map is compared as it is.
  const areMap = typeof annotations === "object" && !Array.isArray(annotations);
  const kept = !areMap ? { annotations } : Object.keys(foreign).length === 0 ? {} : { annotations: foreign };
  const own = { ...others, metadata: { ...named, ...kept } };
  const rest = read.map((one) => (one === found ? own : one.value));
  return {
    data: dataOf(data, label),
    claims: typeof claims === "string" ? claims : undefined,
    rest: JSON.stringify(rest),
    places: placesOf(text, found.root, lineOf, yaml),
    root: found.root,
  };
}

/** Only in a block literal do the value's lines match lines of the file; all others begin at their value. */
function placesOf(
  text: string,
  root: YAMLMap,
  lineOf: (offset: number) => number,
  { isMap, isScalar }: typeof import("yaml"),
): Record<string, KeyPlace> {
  const lines = text.split("\n");
  const data = root.get("data");
  const places = (isMap(data) ? data.items : []).flatMap(({ key, value }) =>
    isScalar(key) && isScalar<string>(value) && value.range
      ? [[String(key.value), placeOf(lines, lineOf(value.range[0]), value)]]
      : [],
  );
  return Object.fromEntries(places);
}

/** The content of a block literal begins on the line below its header, after the indentation. */
function placeOf(lines: readonly string[], line: number, { type, value }: Scalar<string>): KeyPlace {
  const indentation = (text: readonly string[]) => text.find((one) => one.trim() !== "")?.search(/\S/) ?? -1;
  return type === "BLOCK_LITERAL"
    ? { line: line + 1, column: indentation(lines.slice(line)) - indentation(value.split("\n")) + 1 }
    : { line, column: 1, isOneLine: true };
}

/** A manifest without data, in the layout of `kubectl get -o yaml`. */
const newManifest = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: aws-auth\n  namespace: kube-system\n";

const expected = "a ConfigMap named aws-auth in namespace kube-system";

const nothing = "nothing";

/** What a document contains instead of the ConfigMap; undefined if it is the ConfigMap. */
function otherThanAwsAuth(value: unknown): string | undefined {
  if (value === null) {
    return nothing;
  }
  const { kind, metadata } = fieldsOf(value);
  // Many manifests omit the namespace, for `kubectl apply -n kube-system`.
  const { name, namespace = "kube-system" } = fieldsOf(metadata);
  if (kind === "ConfigMap" && name === "aws-auth" && namespace === "kube-system") {
    return undefined;
  }
  if (typeof kind !== "string") {
    return "a document without a kind";
  }
  return typeof name === "string" ? `${kind} ${quoted(`${namespace}/${name}`)}` : `${kind} without metadata.name`;
}

function dataOf(data: unknown, label: string): Record<string, string> {
  if (data !== undefined && data !== null && !isFields(data)) {
    throw notConfigMap(label, "has data that is not a mapping; a ConfigMap's data maps keys to strings");
  }
  return Object.fromEntries(
    Object.entries(fieldsOf(data)).map(([key, value]) => {
      // Kubernetes treats null as an empty string, and refuses other types.
      if (typeof value !== "string" && value !== null) {
        const remedy = `write it as a block literal ("${key}: |" and the indented lines)`;
        throw notConfigMap(label, `has data.${key} that is not a string; ${remedy}`);
      }
      return [key, value ?? ""];
    }),
  );
}

function notConfigMap(label: string, problem: string): AwsAuthError {
  return new AwsAuthError("notConfigMap", `${label} ${problem}`);
}

/**
 * Sets data keys and the record of claims of the ConfigMap in a manifest. All other bytes of the file stay as they are, including
 * comments. A value keeps its style if that can represent it. New values are block literals, or double-quoted strings inside `{}`
 * and if a block literal cannot represent them.
 *
 * @param text the file's content, without a byte order mark; if it has no document, one is added
 * @param label names the file in messages
 * @throws AwsAuthError `notConfigMap`, also if a key cannot be changed without changing other content.
 */
export async function editManifest(text: string, changes: MapChanges, label: string): Promise<string> {
  const yaml = await import("yaml");
  const before = await parseManifest(text, label);
  const eol = lineBreakAt(text, text.length);
  const parsed = async (edit: () => string) => {
    try {
      const edited = edit();
      return { text: edited, manifest: await parseManifest(edited, label) };
    } catch (error) {
      throw cannotEdit(changes, label, error);
    }
  };
  let now =
    before === undefined
      ? await parsed(() => appended(text, newManifest.replaceAll("\n", eol), eol))
      : { text, manifest: before };
  const edit = async (change: (editor: ManifestEditor) => string) => {
    const { text: current, manifest } = now;
    if (manifest !== undefined) {
      now = await parsed(() => change(new ManifestEditor(current, manifest.root, yaml)));
    }
  };
  for (const [key, value] of Object.entries(changes.data)) {
    if (now.manifest?.data[key] !== value) {
      await edit((editor) => editor.setKey(key, value));
    }
  }
  const { claims } = changes;
  if (claims !== undefined && now.manifest?.claims !== (claims ?? undefined)) {
    await edit((editor) => editor.setAnnotation(claimsAnnotation, claims));
  }
  if (!isExact(now.manifest, changes, before)) {
    throw cannotEdit(changes, label);
  }
  return now.text;
}

/** Whether only the given keys have changed. */
function isExact(after: Manifest | undefined, changes: MapChanges, before: Manifest | undefined): boolean {
  const wanted = { ...before?.data, ...changes.data };
  const claims = changes.claims === undefined ? before?.claims : (changes.claims ?? undefined);
  return (
    after !== undefined &&
    (before === undefined || after.rest === before.rest) &&
    after.claims === claims &&
    Object.keys(after.data).length === Object.keys(wanted).length &&
    Object.entries(wanted).every(([key, value]) => after.data[key] === value)
  );
}

function cannotEdit({ data, claims }: MapChanges, label: string, cause?: unknown): AwsAuthError {
  const keys = [
    ...Object.keys(data).map((key) => `data.${key}`),
    ...(claims === undefined ? [] : [`metadata.annotations["${claimsAnnotation}"]`]),
  ].join(", ");
  return new AwsAuthError(
    "notConfigMap",
    `${label} cannot be edited in place: ${keys} has an anchor, an alias or a tag, so that an edit would change more than it; write it as a block literal`,
    { cause },
  );
}
