import { describe, expect, it } from "vitest";
import { loadOptionalPackage } from "../../../sdk/serviceIdentityMapping.ts";

describe("a package that only some programs need", () => {
  it("is found from the first root that has it", () => {
    expect(loadOptionalPackage("yaml", "a test", ["/nowhere/index.js", import.meta.filename])).toHaveProperty("parse");
  });

  it("is asked for by its name and command where no root has it", () => {
    expect(() => loadOptionalPackage("@pulumi/kubernetes", "a ServiceIdentityMapping", ["/nowhere/index.js"])).toThrow(
      'a ServiceIdentityMapping needs the package @pulumi/kubernetes, which is not installed; run "npm install @pulumi/kubernetes"',
    );
  });
});
