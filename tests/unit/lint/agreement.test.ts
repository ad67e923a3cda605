import fc from "fast-check";
import { expect, it } from "vitest";
import { clusterAccess } from "../../../provider/access/clusterAccess.ts";
import { callerIdentity, loginsOf, placedEntries } from "../../../provider/authenticator/index.ts";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { lintMap } from "../../../provider/lint.ts";
import { anyMap } from "../../support/authenticator/maps.ts";
import { cases } from "../../support/nightly.ts";

it("no login is given by an entry that never matches, and no such entry counts as shadowed", () => {
  let checked = 0;
  fc.assert(
    fc.property(anyMap, (generated) => {
      // One of the two accounts is none, as in examples that were copied.
      const data = Object.fromEntries(
        Object.entries(generated).map(([key, text]) => [key, text.replaceAll("012345678901", "1234")]),
      );
      const document = parseMap(data);
      const findings = lintMap({ data, access: clusterAccess(document) });
      for (const { entry, key, position } of placedEntries(document)) {
        const rules = findings
          .filter((found) => found.key === key && found.position === position)
          .map(({ rule }) => rule);
        const identity = callerIdentity(entry.arn ?? "");
        if (identity === undefined || !rules.includes("never-matches")) {
          continue;
        }
        checked++;
        expect(rules).not.toContain("shadowed");
        const given = loginsOf(document, identity).filter((login) => login.entry === entry && login.user !== undefined);
        expect(given).toEqual([]);
      }
    }),
    { seed: 20261125, numRuns: cases(300, 2_000) },
  );
  expect(checked).toBeGreaterThan(100);
});
