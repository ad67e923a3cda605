/** Patterns that differ from run to run, and their replacements in a transcript. */
const varying: readonly (readonly [pattern: RegExp, replacement: string])[] = [
  // The engine's times, and its progress dots.
  [/^(Duration: ).*$/gm, "$1<time>"],
  [/ \(\d+(?:\.\d+)?s\)(?=[ *]|$)/gm, ""],
  [/^@ \w+\.+\n/gm, ""],
  // The path of the language host of the tests.
  [/^.*warning: using \S+ from \$PATH at .*\n/gm, ""],
  // Messages of the engine about a slow cluster.
  [/^.* waiting for .* to (?:respond|accept a write)\b.*\n/gm, ""],
  [/(127\.0\.0\.1|localhost|\[::1\]):\d+/g, "$1:<port>"],
  // The time of a review, for programs and for users.
  [/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z/g, "<time>"],
  [/\d{1,2} [A-Z][a-z]+ \d{4} at \d\d:\d\d UTC/g, "<time>"],
  // The time of the last write of an entry.
  [/(?<=\blast (?:written by \S+,|changed) )\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, "<time>"],
  // The day on which a role was created, in a page and in a table.
  [/(?<=\bCreated )\d{1,2} [A-Z][a-z]+ \d{4}/g, "<date>"],
  [/(?<=\t)\d{4}-\d\d-\d\d(?=\t|$)/gm, "<date>"],
  // The random part of a claim's ID.
  [/\b([a-z0-9]{8})\.[a-z0-9]{6}(?= \S)/g, "$1.<id>"],
];

/** A line of the engine's progress: the operation, then a resource's type and name, then its progress. */
const progressLine = /^[ +~=<>-]{4}(?<resource>\S+:[^\s:]+ \S+).*$/;

/** The engine shows the stack's resource again with each message. */
const stack = "pulumi:pulumi:Stack ";

/** Replaces everything that differs from run to run. */
export function steady(text: string, own: readonly (readonly [from: string, to: string])[] = []): string {
  const named = own.reduce((result, [from, to]) => result.replaceAll(from, to), text);
  const replaced = varying.reduce((result, [pattern, replacement]) => result.replace(pattern, replacement), named);
  return sortedDiagnostics(lastProgress(replaced));
}

/** Keeps the last progress line of each resource in each step, except the stack: the other lines depend on timing. */
function lastProgress(text: string): string {
  const lines = new Map<string, string>();
  const kept: string[] = [];
  const flush = () => {
    kept.push(...[...lines.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, line]) => line));
    lines.clear();
  };
  for (const line of text.split("\n")) {
    const { resource } = progressLine.exec(line)?.groups ?? {};
    if (resource === undefined) {
      flush();
      kept.push(line);
    } else if (!resource.startsWith(stack)) {
      // A component may be done before or after the engine shows it once more.
      lines.set(resource, line.replace(/ (creat|updat|delet)ing(?= |$)/, " $1ed"));
    }
  }
  flush();
  return kept.join("\n");
}

/** Sorts the engine's messages, which it groups by resource. */
function sortedDiagnostics(text: string): string {
  return text.replace(/(?<=^Diagnostics:\n)(?: {2}.*\n|\n)+/gm, (messages) =>
    sortedParts(messages.replace(/\n{2,}/g, "\n"), /^(?= {2}\S)/m)
      .map((section) => {
        const [resource = "", ...lines] = section.split(/(?<=\n)/);
        return `${resource}${sortedParts(lines.join(""), /^(?= {4}\S)/m).join("")}\n`;
      })
      .join(""),
  );
}

function sortedParts(text: string, start: RegExp): readonly string[] {
  return text.split(start).toSorted();
}
