import { escapeRegExp } from "./text";

/** What is called a secret is hidden however short it is. */
export function withoutWords(text: string, words: readonly string[]): string {
  return (
    words
      .filter((word) => word !== "")
      // One may be the beginning of another.
      .toSorted((a, b) => b.length - a.length)
      .reduce((rest, word) => rest.replace(new RegExp(`(?<!\\w)${escapeRegExp(word)}(?!\\w)`, "g"), "<redacted>"), text)
  );
}

/** The strings that a name calls secret, at any depth of a value. */
export function secretsNamedIn([name, value]: readonly [name: string, value: unknown]): readonly string[] {
  if (typeof value === "string") {
    return isSecretName(name) ? [value] : [];
  }
  return Object.entries(typeof value === "object" && value !== null ? value : {}).flatMap(([key, inner]) =>
    secretsNamedIn([isSecretName(name) ? name : key, inner]),
  );
}

/** What arguments call secret. */
export function secretsInArguments(args: readonly string[]): readonly string[] {
  return namedArguments(args).flatMap(secretsNamedIn);
}

/** The values of variables that their names call secret. */
export function secretVariables(env: Readonly<Record<string, string | undefined>>): readonly (string | undefined)[] {
  return Object.entries(env).flatMap(([name, value]) => (isSecretName(name) ? [value] : []));
}

/** The pairs of `--name=value` and `--name value`, each also inside of a longer argument, for a shell, and of `name=value`. */
function namedArguments(args: readonly string[]): (readonly [string, string])[] {
  const inside = [
    /([\w.-]+)=(?:"([^"]*)"|'([^']*)'|["']?([^\s"'&]+))/g,
    /(?<!\S)(-[\w-]+)(?=\s+(?:"([^"]*)"|'([^']*)'|["']?([^\s"']+)))/g,
  ];
  return args.flatMap((argument, index) => {
    const [, name = argument, value = args[index + 1] ?? ""] = /^([\w.-]+)=(.+)$/s.exec(argument) ?? [];
    const pairs = inside.flatMap((pattern) =>
      [...argument.matchAll(pattern)].map(([, key = "", ...found]) => [key, found.find(Boolean) ?? ""] as const),
    );
    return argument.startsWith("-") || name !== argument ? [[name, value] as const, ...pairs] : pairs;
  });
}

/** Whether the name of an option or a variable calls its value secret. The place of a secret is none. */
function isSecretName(name: string): boolean {
  return /secret|token|passw|passphrase|credential|key/i.test(name) && !/(?:file|path|dir|ur[il]|key_id)$/i.test(name);
}
