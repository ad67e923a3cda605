/** In characters; longer than any real path, and shorter than a kubeconfig with certificates. */
const maxPath = 1_024;

/** Top-level keys of a kubeconfig, none of which is a key of a `cluster` input. */
const kubeconfigKeys = ["apiVersion", "clusters", "users"];

// A kubeconfig key in YAML, JSON or JSON in a string. Does not match a list of paths such as /etc/clusters:/etc/users.
const keyInText = /(?:apiVersion|clusters|users)\\*["']?\s*:[\s\\[{"']/;

/**
 * Whether a text is the content of a kubeconfig rather than a path or a list of paths. CI variables may contain the
 * content on one line, with a literal `\n`, as JSON in a string, or in base64. When in doubt, treats it as content, since that is
 * secret and a path is not.
 */
export function isKubeconfigContent(text: string): boolean {
  return (
    text.includes("\n") ||
    /^\s*(?:\{|apiVersion)/.test(text) ||
    keyInText.test(text) ||
    keyInText.test(Buffer.from(text, "base64").toString("utf8")) ||
    text.split(/[:;]/).some((part) => part.length > maxPath)
  );
}

/** Whether a value is a whole kubeconfig, as text or as an object, where a cluster's name or connection settings are expected. */
export function holdsKubeconfig(input: unknown): boolean {
  if (typeof input === "string") {
    return isKubeconfigContent(input);
  }
  return typeof input === "object" && input !== null && kubeconfigKeys.some((key) => key in input);
}
