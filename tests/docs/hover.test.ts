import { expect, it } from "vitest";
import { Editor } from "../consumers/support/editor.ts";

const editor = new Editor();

it("an editor shows description and example of a class over its constructor, which a comment of the constructor's own would hide", () => {
  for (const name of ["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping"]) {
    const [, ofClass = ""] = editor.hover(`awsAuth.▮${name};`).split(`export ${name}\n`);
    const [, ofConstructor] = editor.hover(`new awsAuth.▮${name}("a", {});`).split(`export ${name}\n`);
    expect(ofClass.length).toBeGreaterThan(100);
    expect(ofClass).toContain(`@example \`\`\`ts\nimport * as awsAuth from "pulumi-aws-auth";\n\nnew awsAuth.${name}(`);
    expect(ofConstructor).toBe(ofClass);
  }
});

it.each([
  ["the resource that makes a cluster", "const x: awsAuth.▮EksClusterResource;"],
  ["the component that does", "const x: awsAuth.▮EksClusterComponent;"],
  ["a service's role", "declare const args: awsAuth.ServiceIdentityMappingArgs; args.▮roleArn;"],
  ["a service", "awsAuth.▮ServiceIdentityMapping;"],
])("a package's name is no tag in the description of %s", (_title, program) => {
  expect(editor.hover(program)).toMatch(/`@pulumi\/\w+`/);
  expect(editor.hover(program)).not.toMatch(/^@pulumi/m);
});

it("says of what a way to name a cluster excludes that it is not allowed", () => {
  expect(editor.hover("declare const args: awsAuth.EksClusterArgs; args.▮manifest;")).toContain(
    "Not allowed with `name`.",
  );
});

it("describes each function by itself", () => {
  for (const name of ["getIdentityMappings", "getIdentityMappingsOutput"]) {
    expect(editor.hover(`awsAuth.▮${name};`)).toContain(`export ${name}\nReads the mappings of a cluster`);
  }
});
