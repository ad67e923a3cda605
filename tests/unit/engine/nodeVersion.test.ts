import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { nodeProblem, oldestNode } from "../../../provider/engine/nodeVersion.ts";

it("needs the Node.js that package.json asks for", () => {
  const manifest = readFileSync(`${import.meta.dirname}/../../../package.json`, "utf8");
  expect(JSON.parse(manifest)).toMatchObject({ engines: { node: `>=${oldestNode}` } });
});

it.each(["22.19.0", "22.20.1", "24.0.0", "100.1.0"])("runs on Node.js %s", (version) => {
  expect(nodeProblem(version)).toBeUndefined();
});

it.each(["20.20.2", "22.18.9", "22.9.0", "9.0.0"])("says on Node.js %s which one it needs", (version) => {
  expect(nodeProblem(version)).toBe(
    `pulumi-aws-auth needs Node.js 22.19 or newer, and this is ${version}; update Node.js`,
  );
});
