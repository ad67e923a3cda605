import { readdirSync, readFileSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { schemaOf } from "../../provider/plugin/packageSchema.ts";
import { runCommand } from "../support/consumers/packing.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";
import { pascalCase } from "./language.ts";

/** All text below a directory. */
function textIn(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("\n");
}

it("the C# SDK that Pulumi generates declares the resource with its inputs, the function and the modes", async () => {
  const { "generate-dotnet": generator } = await ensureParts(["generate-dotnet"]);
  const directory = await mkdtemp(join(tmpdir(), "aws-auth-csharp-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  const schema = schemaOf({ version: "1.2.3" });
  await writeFile(join(directory, "schema.json"), JSON.stringify(schema));
  await mkdir(join(directory, "csharp"));
  await runCommand(generator.file, ["schema.json", "csharp"], { cwd: directory });
  const sdk = textIn(join(directory, "csharp"));
  expect(sdk).toMatch(/^namespace Pulumi\.AwsAuth\r?$/m);
  expect(sdk).toContain("public partial class IdentityMapping : global::Pulumi.CustomResource");
  expect(sdk).toContain("public static class GetIdentityMappings");
  expect(sdk).toContain("public static AuthenticationMode ApiAndConfigMap");
  const inputs = Object.keys(schema.resources["aws-auth:index:IdentityMapping"].inputProperties);
  expect(inputs.filter((name) => !new RegExp(`\\b${pascalCase(name)}\\b`).test(sdk))).toEqual([]);
});
