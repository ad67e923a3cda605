import { delimiter, dirname, join } from "node:path";
import { AwsAuthError } from "../../errors";
import { describeRefusal, readSmallFileSync } from "../../textFile";
import { isKubeconfigContent } from "../ref/kubeconfigContent";
import { absolutePath, type Found, fromEnv, homeFolder, type Settings } from "../settings";
import { errorCode, quoted } from "../text";
import type { Kubeconfig } from "./kubeconfig";
import { parseKubeconfig } from "./parseKubeconfig";

/**
 * Loads the kubeconfig that is named, else the one that kubectl would use: KUBECONFIG, then `.kube/config` in the home folder.
 * What is named can be a path or the content; a variable can list several files, which are merged as kubectl merges them.
 *
 * @throws AwsAuthError `invalidKubeconfig`.
 */
export async function loadKubeconfig(named: Found | undefined, settings: Settings): Promise<Kubeconfig> {
  const found = named ?? fromEnv(settings, "KUBECONFIG");
  if (found !== undefined && isKubeconfigContent(found.value)) {
    return load(found.value, `the kubeconfig content in ${found.source}`, undefined);
  }
  const listed = found === undefined ? [join(homeFolder(settings), ".kube", "config")] : pathsIn(found);
  const files = listed.map((path) => absolutePath(path, settings));
  const loaded: Kubeconfig[] = [];
  for (const file of files) {
    const text = readIfThere(file);
    if (text !== undefined) {
      loaded.push(await load(text, `kubeconfig ${quoted(file)}`, dirname(file)));
    }
  }
  const [first, ...rest] = loaded;
  if (first === undefined) {
    const source = found === undefined ? "the default" : `named by ${found.source}`;
    throw new AwsAuthError(
      "invalidKubeconfig",
      `kubeconfig ${files.map(quoted).join(", ")} (${source}) does not exist; correct the path, or set AWS_AUTH_KUBECONFIG to a kubeconfig that reaches the cluster`,
    );
  }
  return rest.reduce(merge, first);
}

/** What was loaded last, by where and what it was: every resource of a program names the same few kubeconfigs. */
const parsed = new Map<string, Promise<Kubeconfig>>();
const maxParsed = 16;

function load(text: string, label: string, folder: string | undefined): Promise<Kubeconfig> {
  const key = JSON.stringify([label, folder, text]);
  const known = parsed.get(key);
  if (known !== undefined) {
    return known;
  }
  if (parsed.size >= maxParsed) {
    parsed.clear();
  }
  const fresh = parseKubeconfig(text, label, folder);
  parsed.set(key, fresh);
  return fresh;
}

/** Only environment variables hold lists; a path that a program gives may contain the separator. */
function pathsIn(found: Found): string[] {
  return /^[A-Z_]+$/.test(found.source) ? found.value.split(delimiter).filter((path) => path !== "") : [found.value];
}

/** The first file that has a name wins, and so does the first current context, as in kubectl. */
function merge(first: Kubeconfig, second: Kubeconfig): Kubeconfig {
  return {
    label: `${first.label} and ${second.label.replace(/^kubeconfig /, "")}`,
    clusters: new Map([...second.clusters, ...first.clusters]),
    users: new Map([...second.users, ...first.users]),
    contexts: new Map([...second.contexts, ...first.contexts]),
    currentContext: first.currentContext ?? second.currentContext,
  };
}

/**
 * A file of a list that is not there is passed over, as in kubectl. Each resource reads it again, since a program may write it, and
 * the next one waits for that: at once it takes a tenth of the time.
 */
function readIfThere(file: string): string | undefined {
  try {
    return readSmallFileSync(file).toString("utf8");
  } catch (error) {
    const code = errorCode(error);
    if (code === "ENOENT") {
      return undefined;
    }
    throw new AwsAuthError(
      "invalidKubeconfig",
      `kubeconfig ${quoted(file)} cannot be read (${describeRefusal(code) ?? code}); it must be a file that you may read`,
      { cause: error },
    );
  }
}
