import fc from "fast-check";
import { expect, it } from "vitest";
import { clusterAccess } from "../../../provider/access/clusterAccess.ts";
import { explainAccess } from "../../../provider/access/explainAccess.ts";
import { placedEntries, placedEntry } from "../../../provider/authenticator/index.ts";
import { parseDocument } from "../../../provider/document/index.ts";
import { AwsAuthError } from "../../../provider/errors.ts";
import { lintDocument } from "../../../provider/lint/lint.ts";
import { anyMap } from "../../support/authenticator/maps.ts";
import { cases } from "../../support/nightly.ts";

const dead: readonly string[] = ["never-matches", "role-path", "assumed-role"];

/** Whether explain says that an ARN is somebody's by an entry, or would be but for another one. */
function isExplained(document: ReturnType<typeof parseDocument>, arn: string, position: number, key: string): boolean {
  try {
    const { logins, shadowed } = explainAccess(clusterAccess(document), arn);
    const counting = logins.map(({ entry }) => entry && placedEntry(document, entry));
    return [...counting, ...shadowed].some((placed) => placed?.key === key && placed.position === position);
  } catch (error) {
    if (error instanceof AwsAuthError && error.code === "invalidInput") {
      return false;
    }
    throw error;
  }
}

it("explain maps nobody by an entry that never matches as lint says, and lint calls no such entry shadowed or repeated", () => {
  let checked = 0;
  fc.assert(
    fc.property(anyMap, (generated) => {
      // One of the two accounts is none, as in examples that were copied.
      const data = Object.fromEntries(
        Object.entries(generated).map(([key, text]) => [key, text.replaceAll("012345678901", "1234")]),
      );
      const document = parseDocument(data);
      const findings = lintDocument(data, document);
      for (const { entry, key, position } of placedEntries(document)) {
        const rules = findings
          .filter((found) => found.key === key && found.position === position)
          .map(({ rule }) => rule);
        if (entry.arn === undefined || !rules.some((rule) => dead.includes(rule))) {
          continue;
        }
        checked++;
        expect(rules).not.toContain("shadowed");
        expect(rules).not.toContain("repeated");
        expect(isExplained(document, entry.arn, position, key)).toBe(false);
      }
    }),
    { seed: 20261125, numRuns: cases(300, 2_000) },
  );
  expect(checked).toBeGreaterThan(cases(300, 2_000));
});
