import { writeFile } from "node:fs/promises";
import { describe, expect, it } from "vitest";
import { spawnable } from "../../../../provider/cluster/kubeconfig/execPlugin.ts";
import { temporaryFolder } from "../support.ts";

/** A folder of PATH with programs in it: to this system, a backslash is a part of a file's name. */
async function folderWith(...programs: string[]): Promise<string> {
  const folder = `${await temporaryFolder()}/bin`;
  await Promise.all(programs.map((program) => writeFile(`${folder}\\${program}`, "")));
  return folder;
}

describe("a kubeconfig's plugin on Windows", () => {
  it("is found as a .cmd file, which runs by cmd.exe", async () => {
    const folder = await folderWith("aws", "aws.CMD");
    const env = { Path: `C:\\none;"${folder}"`, PathExt: ".EXE;.CMD", comspec: "C:\\Windows\\cmd.exe" };
    expect(spawnable("aws", ["eks", "get-token"], env, "win32")).toEqual({
      command: "C:\\Windows\\cmd.exe",
      args: ["/e:on", "/v:off", "/d", "/c", `""${folder}\\aws.CMD" "eks" "get-token""`],
      windowsVerbatimArguments: true,
    });
  });

  it("is found in the order of PATH, and of PATHEXT in a folder", async () => {
    const [first, second] = [await folderWith("a.CMD", "a.EXE"), await folderWith("a.COM")];
    const env = { PATH: `${first};${second}` };
    expect(spawnable("a", ["x y"], env, "win32")).toEqual({
      command: `${first}\\a.EXE`,
      args: ["x y"],
      windowsVerbatimArguments: false,
    });
  });

  it("is found by a path, with or without its extension", async () => {
    const folder = await folderWith("get.token.bat");
    for (const command of ["get.token.bat", "get.token"].map((name) => `${folder}\\${name}`)) {
      expect(spawnable(command, [], { PATHEXT: ".bat" }, "win32").args.at(-1)).toBe(`""${folder}\\get.token.bat""`);
    }
  });

  it.each([
    ['a"b', '"a""b"'],
    ['a\\"b', '"a\\\\""b"'],
    ["C:\\folder\\", '"C:\\folder\\\\"'],
    ["%PATH%", '"%%cd:~,%PATH%%cd:~,%"'],
    ["a&b|c>d^e!", '"a&b|c>d^e!"'],
    ["", '""'],
  ])("gets the argument %j as it is", async (argument, quoted) => {
    const folder = await folderWith("aws.CMD");
    const { args } = spawnable("aws", [argument], { PATH: folder }, "win32");
    expect(args.at(-1)).toBe(`""${folder}\\aws.CMD" ${quoted}"`);
  });

  it("is refused an argument that would end the command", async () => {
    const env = { PATH: await folderWith("aws.CMD") };
    expect(() => spawnable("aws", ["a\nb"], env, "win32")).toThrow(TypeError);
  });

  it("is left to the system where it is not found, and on other systems", async () => {
    const env = { PATH: await folderWith("aws.CMD") };
    const asItIs = { command: "aws", args: ["a"], windowsVerbatimArguments: false };
    expect(spawnable("aws", ["a"], env, "linux")).toEqual(asItIs);
    expect(spawnable("aws", ["a"], {}, "win32")).toEqual(asItIs);
  });
});
