import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one line that a CI job can parse: `N passed, N failed`. */
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
    // A file that fails to load has no tests and counts as one failure.
    const brokenFiles = modules.filter((module) => module.errors().length > 0).length;
    console.log(`\n${inState("passed")} passed, ${inState("failed") + brokenFiles} failed`);
  }
}
