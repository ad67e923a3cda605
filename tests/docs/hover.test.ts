import { expect, it } from "vitest";
import { Editor } from "../consumers/support/editor.ts";

it("an editor shows the description of a class over its constructor, which a comment of the constructor's own would hide", () => {
  const editor = new Editor();
  for (const name of ["IdentityMapping", "IdentityMappings", "ServiceIdentityMapping"]) {
    const [, ofClass = ""] = editor.hover(`awsAuth.▮${name};`).split(`export ${name}\n`);
    const [, ofConstructor] = editor.hover(`new awsAuth.▮${name}("a", {});`).split(`export ${name}\n`);
    expect(ofClass.length).toBeGreaterThan(100);
    expect(ofConstructor).toBe(ofClass);
  }
});
