import { expect, it, onTestFinished } from "vitest";
import { TestProject } from "../support/engine/testProject.ts";

it("the line of the program is in the state, and in the report of a promise that never resolves", async () => {
  const project = await TestProject.create({ config: { "aws-auth:manifest": "aws-auth.yaml" } });
  onTestFinished(() => project.remove());
  const declare = (username: string) =>
    project.program(`
new IdentityMapping("dev", { arn: "arn:aws:iam::111122223333:role/dev", username: ${username} });
`);
  await declare('"dev"');
  expect(await project.up()).toMatchObject({ code: 0 });
  expect(await project.state()).toContain('"sourcePosition": "project:///index.js#6,1"');
  await declare("new Promise(() => undefined)");
  const { code, raw } = await project.with({ PULUMI_DEBUG_PROMISE_LEAKS: "true" }).preview();
  expect(code).not.toBe(0);
  const [, ...leaks] = raw.split("Promise leak detected:");
  const registration = leaks.find((leak) => leak.includes("resolveURN(resource:dev["));
  expect(registration).toMatch(/at new IdentityMapping .*\s+at .*\/index\.js:6:1\)/);
});
