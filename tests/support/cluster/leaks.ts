import type { Outcome } from "../engine/testProject.ts";

/** Flags for the most verbose log of the engine and its plugins. */
export const mostVerbose = ["-v=20", "--logtostderr", "--logflow"] as const;

/** The lines of an output that contain a secret, each with the names of the secrets, truncated for readable failures. */
export function linesWith(secrets: Readonly<Record<string, string>>, { output }: Pick<Outcome, "output">): string[] {
  return output.split("\n").flatMap((line) => {
    const found = Object.keys(secrets).filter((name) => line.includes(secrets[name] ?? ""));
    return found.length === 0 ? [] : [`${found.join(", ")}: ${line.slice(0, 160)}`];
  });
}

/**
 * Lines of the most verbose log in which the engine, the YAML host or Pulumi's SDK for Node prints the properties of a resource, secrets
 * included, in clear text. A provider cannot prevent this: https://github.com/pulumi/pulumi, sdk/go/common/resource/plugin/rpc.go.
 */
export const engineOwn =
  /(?:"msg":"|rpc\.go:\d+\] )(?:Unm|M)arshaling property for RPC\[|"msg":"(?:RegisterResource RPC finished|eventSink::Debug\(<\{%reset%\}>RegisterResource RPC finished)/;
