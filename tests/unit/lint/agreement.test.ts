import fc from "fast-check";
import { expect, it } from "vitest";
import { parseMap } from "../../../provider/awsAuthMap/index.ts";
import { clusterAccess } from "../../../provider/identity/clusterAccess.ts";
import { parseIdentity } from "../../../provider/identity/identity.ts";
import { placedEntries } from "../../../provider/identity/placedEntry.ts";
import { whoLogsIn } from "../../../provider/identity/whoLogsIn.ts";
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
      const access = clusterAccess(document);
      const findings = lintMap({ data, access });
      for (const { entry, key, position } of placedEntries(document)) {
        const rules = findings
          .filter(({ place }) => place.key === key && place.position === position)
          .map(({ code }) => code);
        const identity = parseIdentity(entry.arn ?? "");
        if (identity === undefined || !rules.includes("never-matches")) {
          continue;
        }
        checked++;
        expect(rules).not.toContain("shadowed");
        const given = whoLogsIn(access, identity).logins.filter(
          (login) => login.entry === entry && login.user !== undefined,
        );
        expect(given).toEqual([]);
      }
    }),
    { seed: 20261125, numRuns: cases(300, 2_000) },
  );
  expect(checked).toBeGreaterThan(100);
});
