import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { nodeProblem } from "../../../provider/pulumi/versions.ts";

it("needs the Node.js that package.json asks for", () => {
  const manifest = readFileSync(`${import.meta.dirname}/../../../package.json`, "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ engines: { node: "^22.21.0 || >=24.5.0" } });
});

it.each(["22.21.0", "22.22.1", "24.5.0", "25.0.0", "100.1.0"])("runs on Node.js %s", (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

it.each(["20.20.2", "22.20.9", "22.9.0", "9.0.0", "23.11.0", "24.4.1"])(
  "names the required version on %s",
  (version) => {
    expect(nodeProblem(version)).toBe(
      `pulumi-aws-auth needs Node.js 22.21 or newer (24.5 or newer for 23 and 24), and this is ${version}; update Node.js`,
    );
  },
);
