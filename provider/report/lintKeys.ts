import { type AwsAuthDocument, dataKeys, faultsOf } from "../document";
import type { Finding } from "./finding";

/** What the API server allows for all values of a ConfigMap together, in bytes. */
const maxBytes = 1024 * 1024;

/** From how much of it on a map is nearly full. */
const nearlyFull = 0.8;

/** What is wrong with keys as a whole. */
export function lintKeys(data: Readonly<Record<string, string>>, document: AwsAuthDocument): Finding[] {
  const unreadable = faultsOf(document).map(
    ({ key, line, reason }): Finding => ({
      rule: "unreadable-key",
      severity: "error",
      key,
      line,
      message: `the authenticator cannot read this key and drops every entry in it: ${reason}; correct that line`,
    }),
  );
  return [...sizeFinding(data), ...Object.keys(data).flatMap(nameFinding), ...unreadable];
}

function sizeFinding(data: Readonly<Record<string, string>>): Finding[] {
  const sizes = Object.entries(data).map(([key, text]) => ({ key, bytes: Buffer.byteLength(text) }));
  const total = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total < maxBytes * nearlyFull) return [];
  const largest = sizes.sort((a, b) => b.bytes - a.bytes)[0]?.key;
  const percent = Math.floor((total / maxBytes) * 100);
  return [
    {
      rule: "key-size",
      severity: "warning",
      message: `the ConfigMap is ${percent} % full (${total} of ${maxBytes} bytes, most of it in ${largest}); map roles that many people assume instead of each person, or remove entries that nobody uses`,
    },
  ];
}

/** The authenticator knows its keys in one letter case only. */
function nameFinding(name: string): Finding[] {
  const meant = dataKeys.find((key) => {
    const bare = name.toLowerCase().replace(/[^a-z]/g, "");
    return key !== name && (bare === key.toLowerCase() || `${bare}s` === key.toLowerCase());
  });
  if (meant === undefined) return [];
  return [
    {
      rule: "key-name",
      severity: "error",
      message: `the key ${JSON.stringify(name)} is not one that the authenticator reads, so nothing in it counts; call it ${meant}`,
    },
  ];
}
