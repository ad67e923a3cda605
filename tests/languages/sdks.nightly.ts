import { readdirSync, readFileSync } from "node:fs";
import { mkdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { schema } from "../../provider/plugin/schema/index.ts";
import { runCommand } from "../consumers/support/runCommand.ts";
import { pluginDirectory, repository, TestProject } from "../support/engine/testProject.ts";
import { ensureParts } from "../support/parts/ensureParts.ts";

const plugin = join(pluginDirectory, "pulumi-resource-aws-auth");

/** All text below a directory. */
function textIn(directory: string): string {
  const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((file) => file.isFile());
  return files.map(({ parentPath, name }) => readFileSync(join(parentPath, name), "utf8")).join("\n");
}

describe("the SDKs that Pulumi generates", () => {
  let project: TestProject;
  let sdks: Readonly<Record<"python" | "go" | "csharp", string>>;

  beforeAll(async () => {
    const parts = await ensureParts(["pulumi-language-python", "pulumi-language-go", "generate-dotnet"]);
    const programs = [parts["pulumi-language-python"].directory, parts["pulumi-language-go"].directory];
    project = await TestProject.create({ programs });
    for (const language of ["python", "go"]) {
      const made = await project.cli("package", "gen-sdk", plugin, "--language", language, "--out", "sdks");
      expect(made).toMatchObject({ code: 0 });
    }
    await project.write("schema.json", JSON.stringify(schema("1.2.3")));
    await mkdir(join(project.directory, "sdks", "csharp"));
    await runCommand(parts["generate-dotnet"].file, ["schema.json", "sdks/csharp"], { cwd: project.directory });
    const of = (language: string) => textIn(join(project.directory, "sdks", language));
    sdks = { python: of("python"), go: of("go"), csharp: of("csharp") };
  });
  afterAll(() => project?.remove());

  it("have every name of the reference", async () => {
    const page = await readFile(join(repository, "docs", "plugin-reference.md"), "utf8");
    const rows = [...page.matchAll(/^\| `(\w+)` \| `(\w+)` \| `(\w+)` \| [^`]/gm)];
    expect(rows.length).toBeGreaterThan(40);
    const has = (language: keyof typeof sdks, name: string) => new RegExp(`\\b${name}\\b`).test(sdks[language]);
    const missing = rows.flatMap(([, , python = "", pascal = ""]) => [
      ...(has("python", python) ? [] : [`Python: ${python}`]),
      ...(has("go", pascal) ? [] : [`Go: ${pascal}`]),
      ...(has("csharp", pascal) ? [] : [`C#: ${pascal}`]),
    ]);
    expect(missing).toEqual([]);
  });

  it("declare the resource, the functions and the modes as the reference says", () => {
    expect(sdks.python).toContain("class IdentityMapping(pulumi.CustomResource):");
    expect(sdks.python).toMatch(/^def get_identity_mappings_output\(/m);
    expect(sdks.python).toMatch(/^def explain\(/m);
    expect(sdks.python).toContain('API_AND_CONFIG_MAP = "API_AND_CONFIG_MAP"');
    expect(sdks.go).toMatch(/^package awsauth$/m);
    expect(sdks.go).toMatch(/^func NewIdentityMapping\(/m);
    expect(sdks.go).toMatch(/^func GetIdentityMappingsOutput\(/m);
    expect(sdks.go).toContain('AuthenticationModeApiAndConfigMap = AuthenticationMode("API_AND_CONFIG_MAP")');
    expect(sdks.csharp).toMatch(/^namespace Pulumi\.AwsAuth\r?$/m);
    expect(sdks.csharp).toContain("public partial class IdentityMapping : global::Pulumi.CustomResource");
    expect(sdks.csharp).toContain("public static class GetIdentityMappings");
    expect(sdks.csharp).toContain("public static AuthenticationMode ApiAndConfigMap");
  });

  it("show the examples of their language", () => {
    expect(sdks.python).toContain('found = aws_auth.get_identity_mappings(cluster="prod")');
    expect(sdks.go).toContain('awsauth.GetIdentityMappings(ctx, &awsauth.GetIdentityMappingsArgs{Cluster: "prod"})');
    expect(sdks.csharp).toContain('AwsAuth.GetIdentityMappings.Invoke(new() { Cluster = "prod" })');
    expect(sdks.python + sdks.go).not.toContain("```csharp");
  });
});
