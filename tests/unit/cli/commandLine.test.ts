import { describe, expect, it } from "vitest";
import { exitCode } from "../../../cli/commandLine.ts";
import { runCli } from "../../../cli/program.ts";

async function run(args: readonly string[]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const code = await runCli(args, { out: print, err: print, hasColour: false });
  return { code, text: printed.join("") };
}

describe("the help", () => {
  it("names the choices of an option, what may be repeated, and what exit codes mean; hidden options it does not", async () => {
    const { code, text } = await run(["migrate", "--help"]);
    expect(code).toBe(exitCode.done);
    expect(text.split("\n")[0]).toBe("Usage: pulumi-aws-auth migrate [options]");
    expect(text).toContain(
      "\nThe clusters:\n  --cluster <name>       EKS cluster, by its name or ARN; may be repeated\n",
    );
    expect(text).toContain('how to print (choices: "table", "json", default:');
    expect(text).not.toContain("--kubeconfig");
    expect(text.split("\n").slice(-5)).toEqual([
      "Exit codes:",
      "  0  every cluster can go to the authentication mode API",
      "  1  something is left to do, or cannot move",
      "  2  cannot tell, wrong usage, or the cluster cannot be reached",
      "",
    ]);
  });
});

it("prints an error on one line", async () => {
  expect(await run(["who-can", "get", "pods", "-n", "Team A"])).toEqual({
    code: exitCode.failed,
    text: `error: --namespace "Team A" cannot be the name of a namespace; use lowercase letters, digits and "-", at most 63 of them
`,
  });
});

it("an option may look like another one in its value, and the last value counts", async () => {
  const { text } = await run(["get", "--manifest", "a", "--manifest", "--wide"]);
  expect(text).toBe('error: there is no file "--wide"; give the path of a ConfigMap manifest\n');
});
