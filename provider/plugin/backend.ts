import { existsSync, readFileSync } from "node:fs";
import { homedir } from "node:os";
import { dirname, join } from "node:path";

/**
 * The organization of a backend's stacks, which no request names. A backend other than Pulumi Cloud has one, whose name is always the
 * same. Undefined if it is not known.
 */
export function organizationOf(backend: string | undefined): string | undefined {
  return backend === undefined || /^https?:/.test(backend) ? undefined : "organization";
}

/** The URL of the backend, which no request names either: found where the CLI finds it, in its order. Undefined: the CLI asks for one. */
export function backendOf(env: NodeJS.ProcessEnv, directory: string): string | undefined {
  return env["PULUMI_BACKEND_URL"] || backendOfProject(directory) || backendOfLogin(env);
}

/** The backend that the nearest Pulumi.yaml names. */
function backendOfProject(directory: string): string | undefined {
  const text = ["Pulumi.yaml", "Pulumi.yml", "Pulumi.json"].map((name) => textOf(join(directory, name))).find(Boolean);
  if (text !== undefined) {
    return /\bbackend\b/.test(text) ? stringIn(parseYaml(text), "backend", "url") : undefined;
  }
  const parent = dirname(directory);
  return parent === directory ? undefined : backendOfProject(parent);
}

/** The backend of the last `pulumi login`. */
function backendOfLogin(env: NodeJS.ProcessEnv): string | undefined {
  const directory = env["PULUMI_CREDENTIALS_PATH"] || env["PULUMI_HOME"] || join(homedir(), ".pulumi");
  const text = textOf(join(directory, "credentials.json"));
  return text === undefined ? undefined : stringIn(parseYaml(text), "current");
}

function textOf(file: string): string | undefined {
  return existsSync(file) ? readFileSync(file, "utf8") : undefined;
}

/** JSON is YAML. What is neither has no backend, as far as can be known: the CLI itself reports it. */
function parseYaml(text: string): unknown {
  const { parseDocument }: typeof import("yaml") = require("yaml");
  const document = parseDocument(text);
  return document.errors.length > 0 ? undefined : document.toJS();
}

function stringIn(value: unknown, ...path: readonly string[]): string | undefined {
  const found = path.reduce<unknown>(
    (within, key) => (typeof within === "object" && within !== null ? Reflect.get(within, key) : undefined),
    value,
  );
  return typeof found === "string" && found !== "" ? found : undefined;
}
