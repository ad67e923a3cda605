/** No path of a file that anybody keeps is longer, in characters; a kubeconfig with certificates is. */
const maxPath = 1_024;

/** Keys that make a whole kubeconfig, which no way to name a cluster has. */
const kubeconfigKeys = ["apiVersion", "clusters", "users"];

// A key with what follows it in YAML or JSON, so that a list of paths such as /etc/clusters:/etc/users is none.
const keyInText = /(?:apiVersion|clusters|users)["']?\s*:[\s\\[{"']/;

/**
 * Whether a kubeconfig is given by its content, not by a path or a list of paths. CI variables hold content without any line break:
 * on one line, or with `\n` spelt out. In doubt it is content, since content is a secret and a path is none.
 */
export function isKubeconfigContent(text: string): boolean {
  return (
    text.includes("\n") ||
    /^\s*(?:\{|apiVersion)/.test(text) ||
    keyInText.test(text) ||
    text.split(/[:;]/).some((part) => part.length > maxPath)
  );
}

/** Whether a whole kubeconfig, as text or as an object, stands where the name of a cluster or the way to it is expected. */
export function holdsKubeconfig(input: unknown): boolean {
  if (typeof input === "string") {
    return isKubeconfigContent(input);
  }
  return typeof input === "object" && input !== null && kubeconfigKeys.some((key) => key in input);
}
