import { describe, expect, it } from "vitest";
import { CommandFailure, exitCode, readCommandLine } from "../../../cli/commandLine.ts";
import { renderHelp } from "../../../cli/help.ts";
import type { Options } from "../../../cli/options.ts";
import { runCli } from "../../../cli/program.ts";

const options = {
  output: { short: "o", value: "format", help: "how to print", choices: ["table", "json"] },
  arn: { value: "arn", help: "only this one" },
  wide: { short: "w", help: "more of it" },
} as const satisfies Options;

const read = (...args: string[]) => readCommandLine(args, options);

describe("the values of options", () => {
  it("are the first choice, nothing, and no where none are given", () => {
    expect(read().values).toEqual({ output: "table", arn: undefined, wide: false });
  });

  it.each<[args: string[], value: object]>([
    [["-ojson"], { output: "json" }],
    [["-o", "json"], { output: "json" }],
    [["--output=json"], { output: "json" }],
    [["--output", "json", "-o", "table"], { output: "table" }],
    [["-wojson"], { wide: true, output: "json" }],
    [["--arn", ""], { arn: "" }],
    [["--arn="], { arn: "" }],
    [["--arn", "a=b"], { arn: "a=b" }],
    // A value may look like an option.
    [["--arn", "--wide"], { arn: "--wide", wide: false }],
    [["--arn", "-x"], { arn: "-x" }],
    // The last one counts.
    [["--arn", "a", "--arn", "b"], { arn: "b" }],
  ])("are read from %j", (args, value) => {
    expect(read(...args)).toMatchObject({ values: value, operands: [], unknownOption: undefined });
  });

  it.each<[args: string[], operands: string[]]>([
    [
      ["a", "--wide", "-"],
      ["a", "-"],
    ],
    [
      ["--", "--wide", "-x"],
      ["--wide", "-x"],
    ],
    [[""], [""]],
  ])("leave operands alone: %j", (args, operands) => {
    expect(read(...args)).toMatchObject({ operands, unknownOption: undefined });
  });
});

describe("an option that cannot be read", () => {
  it.each<[args: string[], message: string]>([
    [["--arn"], "option '--arn <arn>' argument missing"],
    [["-w", "-o"], "option '-o, --output <format>' argument missing"],
    [["-oxml"], "option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json."],
    // Before what comes earlier and does not exist.
    [
      ["--frob", "--output", "xml"],
      "option '-o, --output <format>' argument 'xml' is invalid. Allowed choices are table, json.",
    ],
  ])("ends the command: %j", (args, message) => {
    expect(() => read(...args)).toThrow(new CommandFailure(exitCode.failed, message));
  });

  it.each<[args: string[], option: string, meant?: string]>([
    [["--frob", "x"], "--frob"],
    [["--frob=x"], "--frob=x"],
    [["--frob", "--other"], "--frob"],
    [["--wdie"], "--wdie", "--wide"],
    [["--WIDE"], "--WIDE", "--wide"],
    // A flag takes no value.
    [["--wide=yes"], "--wide=yes", "--wide"],
    [["-x"], "-x"],
    [["-wx"], "-wx"],
    [["-arn", "a"], "-arn"],
    [["--constructor"], "--constructor"],
    [["--__proto__=x"], "--__proto__=x"],
  ])("is told with what was meant: %j", (args, option, meant) => {
    const { unknownOption } = read(...args);
    expect(unknownOption).toMatchObject({ message: `unknown option '${option}'`, meant, exitCode: exitCode.failed });
  });
});

describe("the help", () => {
  const command = {
    name: "frob",
    summary: "Frob.",
    arguments: [{ name: "what", help: "all of it" }],
    options,
    exits: ["done", "found"],
    run: () => Promise.resolve(exitCode.done),
  } as const;

  it("is made of the options as they are declared", () => {
    const lines = renderHelp("program", command, 100).split("\n");
    expect(lines[0]).toBe("Usage: program frob [options] <what>");
    expect(lines).toContain("  what                   all of it");
    expect(lines).toContain('  -o, --output <format>  how to print (choices: "table", "json", default:');
    expect(lines).toContain('                         "table")');
    expect(lines).toContain("  --arn <arn>            only this one");
    expect(lines).toContain("  -w, --wide             more of it");
    expect(lines).toContain("  -h, --help             print this help");
    expect(lines.slice(-5)).toEqual([
      "Exit codes:",
      "  0  done",
      "  1  found",
      "  2  wrong usage, or the cluster cannot be reached",
      "",
    ]);
  });

  it("keeps to the width of the terminal, and to 80 columns", () => {
    expect(renderHelp("program", command, 200)).toBe(renderHelp("program", command, 80));
    const narrow = renderHelp("program", undefined, 60).split("\n");
    expect(Math.max(...narrow.map((line) => line.length))).toBeLessThanOrEqual(60);
  });
});

it("an error of more than 100 columns is laid out in lines", async () => {
  const printed: string[] = [];
  const err = (text: string) => void printed.push(text);
  const code = await runCli(["who-can", "get", "pods", "-n", "Team A"], { out: err, err, width: 80, hasColour: false });
  expect(code).toBe(exitCode.failed);
  expect(printed.join("")).toBe(`error: --namespace "Team A" cannot be the name of a namespace;
  use lowercase letters, digits and "-", at most 63 of them
`);
});
