import { describe, expect, it } from "vitest";
import { exitCode } from "../../../cli/output.ts";
import { runCli } from "../../../cli/program.ts";

async function run(args: readonly string[]) {
  const printed: string[] = [];
  const print = (text: string) => void printed.push(text);
  const code = await runCli(args, { out: print, err: print });
  return { code, text: printed.join("") };
}

describe("the help", () => {
  it("names the choices of an option, what may be repeated, and what exit codes mean", async () => {
    const { code, text } = await run(["review", "--help"]);
    expect(code).toBe(exitCode.done);
    expect(text.split("\n")[0]).toBe("Usage: pulumi-aws-auth review [options]");
    expect(text).toContain("  --cluster <name>       EKS cluster, by its name or ARN; may be repeated\n");
    const migrate = (await run(["migrate", "--help"])).text;
    expect(migrate).toContain('how to print (choices: "table", "json", default:\n');
    expect(migrate.split("\n").slice(-5)).toEqual([
      "Exit codes:",
      "  0  the cluster can go to its next authentication mode",
      "  1  it cannot",
      "  2  wrong usage, or the cluster cannot be reached",
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
