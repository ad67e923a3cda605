import { mkdir, writeFile } from "node:fs/promises";
import { join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { spawnable } from "../../../../provider/cluster/kubeconfig/runProgram.ts";
import { temporaryDirectory } from "../support.ts";

/** A directory of PATH with programs in it: to this system, a backslash is a part of a file's name. */
async function directoryWith(...programs: string[]): Promise<string> {
  const directory = `${await temporaryDirectory()}/bin`;
  await Promise.all(programs.map((program) => writeFile(`${directory}\\${program}`, "")));
  return directory;
}

describe("a kubeconfig's plugin on Windows", () => {
  it("is found as a .cmd file, which runs by cmd.exe", async () => {
    const directory = await directoryWith("aws", "aws.CMD");
    const env = { Path: `C:\\none;"${directory}"`, PathExt: ".EXE;.CMD", comspec: "C:\\Windows\\cmd.exe" };
    expect(spawnable("aws", ["eks", "get-token"], env, "win32")).toEqual({
      command: "C:\\Windows\\cmd.exe",
      args: ["/e:on", "/v:off", "/d", "/c", `""${directory}\\aws.CMD" "eks" "get-token""`],
      windowsVerbatimArguments: true,
    });
  });

  it("is found in the order of PATH, and of PATHEXT in a directory", async () => {
    const [first, second] = [await directoryWith("a.CMD", "a.EXE"), await directoryWith("a.COM")];
    const env = { PATH: `${first};${second}` };
    expect(spawnable("a", ["x y"], env, "win32")).toEqual({
      command: `${first}\\a.EXE`,
      args: ["x y"],
      windowsVerbatimArguments: false,
    });
  });

  it("is found by a path, with or without its extension", async () => {
    const directory = await directoryWith("get.token.bat");
    for (const command of ["get.token.bat", "get.token"].map((name) => `${directory}\\${name}`)) {
      expect(spawnable(command, [], { PATHEXT: ".bat" }, "win32").args.at(-1)).toBe(`""${directory}\\get.token.bat""`);
    }
  });

  it.each([
    ['a"b', '"a""b"'],
    ['a\\"b', '"a\\\\""b"'],
    ["C:\\directory\\", '"C:\\directory\\\\"'],
    ["%PATH%", '"%%cd:~,%PATH%%cd:~,%"'],
    ["a&b|c>d^e!", '"a&b|c>d^e!"'],
    ["", '""'],
  ])("gets the argument %j as it is", async (argument, quoted) => {
    const directory = await directoryWith("aws.CMD");
    const { args } = spawnable("aws", [argument], { PATH: directory }, "win32");
    expect(args.at(-1)).toBe(`""${directory}\\aws.CMD" ${quoted}"`);
  });

  it("is refused an argument that would end the command", async () => {
    const env = { PATH: await directoryWith("aws.CMD") };
    expect(() => spawnable("aws", ["a\nb"], env, "win32")).toThrow(TypeError);
  });

  it("is not there where no directory of PATH has it", async () => {
    const env = { PATH: await directoryWith("aws.CMD") };
    expect(() => spawnable("other", ["a"], env, "win32")).toThrow("there is no such program");
  });
});

describe("a kubeconfig's plugin elsewhere", () => {
  it("is the first file on our PATH that may be run, from no directory that is relative", async () => {
    const [first, second] = [await temporaryDirectory(), await temporaryDirectory()];
    await mkdir(join(first, "a"));
    await writeFile(join(first, "b"), "", { mode: 0o644 });
    await Promise.all(["a", "b"].map((name) => writeFile(join(second, name), "", { mode: 0o755 })));
    const env = { PATH: `.:${relative(process.cwd(), second)}::${first}:${second}` };
    for (const name of ["a", "b"]) {
      expect(spawnable(name, ["x"], env, "linux")).toMatchObject({ command: join(second, name), args: ["x"] });
    }
    expect(spawnable("./c", [], env, "linux")).toMatchObject({ command: "./c" });
    expect(() => spawnable("a", [], { PATH: `.:${relative(process.cwd(), second)}` }, "linux")).toThrow(
      "no such program",
    );
  });
});
